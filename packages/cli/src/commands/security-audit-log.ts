import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { vservers } from './vserver-field.ts';

const directory: Directory = {
  words: ['security', 'audit', 'log'],
  noun: ['entry', 'entries'],
  path: '/security/audit/messages',
  fields: [
    {
      name: 'timestamp',
      field: 'timestamp',
      label: 'Log Entry Timestamp',
      heading: ['Time'],
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'When it was written, by the clock of the node',
    },
    {
      name: 'node',
      field: 'node.name',
      label: 'Node',
      heading: ['Node'],
      format: 'text',
      value: { kind: 'text', placeholder: 'nodename' },
      help: 'Node that wrote it',
    },
    {
      name: 'username',
      field: 'user',
      label: 'Username',
      heading: ['Username'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Account that asked, where there is one of that name',
    },
    {
      name: 'state',
      field: 'state',
      label: 'State',
      heading: ['State'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['pending', 'success', 'error'] },
      help: 'How it came out; pending is a step on the way',
    },
    {
      name: 'input',
      field: 'input',
      label: 'Command being executed',
      heading: ['Input'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What was asked for, without secrets',
    },
    {
      name: 'message',
      field: 'message',
      label: 'Additional Message',
      heading: ['Message'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What else there is to say, such as why it was refused',
    },
    {
      name: 'index',
      field: 'index',
      label: 'Index',
      format: 'integer',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'Number of the entry in the log, counted from 1 without a gap',
    },
    {
      name: 'application',
      field: 'application',
      label: 'Protocol',
      format: 'keyword',
      value: { kind: 'text', placeholder: 'application' },
      help: 'http for requests, internal for what the server does by itself',
    },
    {
      name: 'location',
      field: 'location',
      label: 'Remote Location',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Where the request came from',
    },
    {
      name: 'role',
      field: 'role',
      label: 'Role',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Role of the account',
    },
    {
      name: 'vserver',
      field: 'svm.name',
      label: 'Vserver',
      format: 'text',
      value: { kind: 'text', placeholder: 'vserver name' },
      help: 'SVM that the account is of, or that the request was for',
      source: vservers,
    },
    {
      name: 'session-id',
      field: 'session_id',
      label: 'Session ID',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Id of the request, as in the header X-Request-Id of its answer',
    },
    {
      name: 'command-id',
      field: 'command_id',
      label: 'Command ID',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Counts the entries of one request',
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows every change, whether done or refused, and every failed login, oldest first. Requests that only read are there if "security audit modify -httpget on" was said.',
      ],
      examples: [
        { line: 'security audit log show -order-by index:desc -limit 10', explains: 'The last ten' },
        {
          line: 'security audit log show -state error -fields username,location,input,message',
          explains: 'What was refused',
        },
        {
          line: "security audit log show -timestamp '>2026-11-22 08:00:00' -username keeper",
          explains: 'What one account did since',
        },
      ],
    },
  },
};

/** `security audit log show`. */
export const show: Command = showCommand(directory);

import { describe, expect, it } from 'vitest';
import { MonitorLines } from './monitor-lines.ts';

const tables = (text: string): readonly string[] => {
  const lines = new MonitorLines();
  return text.split('\n').flatMap((line) => lines.read(line) ?? []);
};

describe('what ip xfrm monitor prints', () => {
  it('tells of a flush', () => {
    expect(tables('Flushed policy ptype main \nFlushed state proto (null)')).toEqual(['policies', 'states']);
  });

  it('tells of what is deleted or replaced, not of what is added', () => {
    const text = `src 10.9.0.1/32 dst 10.9.0.2/32 proto tcp dport 201 
	dir out priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
Updated src 10.9.0.2/32 dst 10.9.0.1/32 proto tcp sport 201 
	dir in priority 90000 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp reqid 1 mode transport
Deleted src 10.9.0.1 dst 10.9.0.2
	proto esp spi 0xc1234567 reqid 1 mode transport`;
    expect(tables(text)).toEqual(['policies', 'states']);
  });
});

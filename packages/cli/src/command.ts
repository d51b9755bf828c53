import type { Api } from '@esplanade/sdk';
import type { ExitStatus } from './exit-status.ts';
import type { Output } from './output/output.ts';
import type { QuantityUnit } from './quantity.ts';
import type { Terminal } from './terminal.ts';

/** What a parameter takes. */
export type ParameterValue =
  | { readonly kind: 'text'; readonly placeholder: string }
  | {
      readonly kind: 'integer';
      readonly placeholder: string;
      /** What the value is where it is left out: `-watch`, `-watch 5`. */
      readonly bare?: string;
      /** What it counts, which it may be given in: `8h`, `1.2 GB`. */
      readonly unit?: QuantityUnit;
    }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** Several values, with commas between. */
  | {
      readonly kind: 'list';
      readonly placeholder: string;
      readonly choices?: readonly string[];
      /** The choices as names, which are understood as those of parameters are: in other words too, and cut short. */
      readonly names?: readonly Named[];
    }
  /** A file whose contents are the value; `-` is standard input. */
  | { readonly kind: 'file'; readonly placeholder: string }
  /**
   * Never in argv: `-shared-key` without a value asks without echo (twice where it `isNew`), and `-shared-key-file FILE`,
   * which every secret has beside it, reads it from a file (`-` is standard input) without its last line break.
   */
  | { readonly kind: 'secret'; readonly isNew?: boolean }
  /** Takes no value. */
  | { readonly kind: 'switch' };

/** Where completion finds values: a field of the records of a collection. */
export interface ValueSource {
  /** As the SDK has it: `/security/ipsec/policies`. */
  readonly path: string;
  readonly field: string;
  /** A field that tells people which one it is, where the value does not: the name, of a UUID. */
  readonly label?: string;
}

/** What may be called by several names. */
export interface Named {
  /** Without dashes. */
  readonly name: string;
  /** Other names that are understood, not shown in tables of parameters. */
  readonly aliases?: readonly string[];
}

/** One parameter of a command: `-policy-name nfs`, `--policy-name nfs`, `--policy-name=nfs`. */
export interface Parameter extends Named {
  readonly value: ParameterValue;
  /** One line, without a full stop. */
  readonly help: string;
  readonly isRequired?: boolean;
  /** Whether it may be given as a bare word, in the order of the parameters: `policy show svm1 nfs`. */
  readonly isPositional?: boolean;
  /** Whether a bare word that is alone is this one, though others come before it: `policy show nfs`. */
  readonly isName?: boolean;
  /** Whether a query is understood besides a value: `nfs*`, `!bypass`, `>100`, `a|b`. */
  readonly isQuery?: boolean;
  /** What holds where it is not given, for people. */
  readonly fallback?: string;
  readonly source?: ValueSource;
  /** Another parameter, which people of ONTAP write in short for this one: given without this one it is refused. */
  readonly mistaken?: string;
  /** The member of the body that it is, if any: where the server names that as wrong, this parameter is named. */
  readonly target?: string;
}

/** A line to learn from. */
export interface Example {
  /** Without the name of the program: `security ipsec policy show -policy-name nfs*`. */
  readonly line: string;
  readonly explains: string;
}

/** A command as the tree of words knows it; the rest is loaded when it is needed. */
export interface CommandEntry {
  /** `['security', 'ipsec', 'policy', 'show']`. */
  readonly words: readonly string[];
  /** One line, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** A command: what is told of it, and what it does. Help, man page, docs/cli.md and completion come from here. */
export interface Command {
  /** Paragraphs of plain text. */
  readonly description: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly examples: readonly Example[];
  /** What may stand in ONTAP's extended query, which selects records: `policy modify {-action BYPASS} -is-enabled false`. */
  readonly selectors?: readonly Parameter[];
  /** Whether it needs no API: it then has only its own parameters, none for connection and format. */
  readonly isLocal?: boolean;
  /** Does it. Failures are thrown: {@link CommandError}, or an error of the SDK, which main.ts puts into a sentence. */
  run(given: Arguments, context: Context): Promise<ExitStatus>;
}

/**
 * What was given, checked against the parameters. Names are full names; values as typed, but for files and secrets, which are
 * read, and numbers with units, which are plain.
 */
export interface Arguments {
  has(name: string): boolean;
  /** The value; undefined where it was not given. */
  text(name: string): string | undefined;
  /** The values of a list. */
  list(name: string): readonly string[];
  /** What an extended query asks, if there is one. */
  readonly where?: Arguments;
}

/** The world of one command. */
export interface Context {
  /** The API of the profile that was chosen; asks for what is missing (a password) where somebody can answer. */
  api(): Promise<Api>;
  /** How records are shown: the format that was asked for, on this terminal. */
  readonly output: Output;
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Which commands there are, for those that are about commands. */
  readonly commands: readonly CommandEntry[];
}

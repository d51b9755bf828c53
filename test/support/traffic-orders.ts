/** A steady UDP flow to an echo port. */
export interface Flow {
  readonly source: string;
  /** 0 lets the kernel choose. */
  readonly sourcePort?: number;
  readonly destination: string;
  readonly port: number;
  /** Datagrams a second. */
  readonly perSecond: number;
}

/** What became of a flow's datagrams. */
export interface FlowReport {
  /** Taken by our kernel. */
  readonly sent: number;
  /** Echoed back. */
  readonly answered: number;
  /** Refused by our kernel, by error code: `EPERM` is a block. */
  readonly refused: Readonly<Record<string, number>>;
  /** Longest time between two echoes, in milliseconds. */
  readonly longestGapMilliseconds: number;
}

/** One TCP connection to try. */
export interface TcpAttempt {
  readonly source: string;
  /** 0 lets the kernel choose. */
  readonly sourcePort?: number;
  readonly destination: string;
  readonly port: number;
  /** 3,000 if not given. */
  readonly timeoutMilliseconds?: number;
}

/**
 * `answered`: connected, and a byte came back. `refused`: the peer has no listener. `forbidden`: our own kernel's policy
 * said no. `timeout`: nothing came.
 */
export type TcpOutcome = 'answered' | 'refused' | 'forbidden' | 'timeout';

/** What the parent asks of the process in a host. */
export type Order =
  | {
      readonly kind: 'echo';
      readonly protocol: 'udp' | 'tcp';
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'heard'; readonly port: number }
  | { readonly kind: 'connect'; readonly attempt: TcpAttempt }
  | { readonly kind: 'start-flow'; readonly flow: Flow }
  | { readonly kind: 'stop-flow'; readonly flowId: number }
  | { readonly kind: 'send'; readonly flow: Flow; readonly datagrams: number };

/** What it answers. */
export type Answer =
  | { readonly kind: 'echoing' }
  | { readonly kind: 'heard'; readonly datagrams: number }
  | { readonly kind: 'connected'; readonly outcome: TcpOutcome }
  | { readonly kind: 'flowing'; readonly flowId: number }
  | { readonly kind: 'flowed'; readonly report: FlowReport }
  | { readonly kind: 'failed'; readonly message: string };

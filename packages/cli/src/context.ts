/** Beside the commands whose world it is: they know each other. */
export type { Context } from './command.ts';

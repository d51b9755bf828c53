// The command as it runs from a checkout. Compiled code is kept, so that the second start is quick; by its variable threads keep theirs.
import { ownCache } from './own-cache.js';

if (!process.env.NODE_COMPILE_CACHE) {
  const cache = ownCache(process.env);
  if (cache !== undefined) {
    process.getBuiltinModule('node:module').enableCompileCache(cache);
    process.env.NODE_COMPILE_CACHE = cache;
  }
}
await import('./main.ts');

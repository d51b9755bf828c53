export {
  checkDatabase,
  copyDatabase,
  type EmptyDirectory,
  openEmptyDirectory,
  raiseRevision,
} from './database-copy.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded-store.ts';
export { eraseTraces } from './erase-traces.ts';
export { openEmbeddedReader, type StoreReader } from './store-reader.ts';

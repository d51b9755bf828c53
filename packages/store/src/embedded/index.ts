export {
  checkDatabase,
  copyDatabase,
  type EmptyDirectory,
  listDatabase,
  openEmptyDirectory,
} from './database-copy.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded-store.ts';
export { openEmbeddedReader, type StoreReader } from './store-reader.ts';

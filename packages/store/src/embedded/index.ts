export { checkDatabase, copyDatabase, type EmptyDirectory, openEmptyDirectory } from './database-copy.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded-store.ts';

export {
  CertificateChangedError,
  CertificateNotTrustedError,
  type Unreached,
  UnreachedError,
} from './connection-errors.ts';
export type { ProxyEnvironment } from './destination.ts';
export * from './inspect-server.ts';
export * from './node-transport.ts';
export type { ClientCertificate, ServerTrust } from './secure-socket.ts';
export { parseFingerprint, type ServerCertificate } from './server-certificate.ts';

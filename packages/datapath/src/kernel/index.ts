export {
  type KernelPolicy,
  type KernelState,
  parseKernelPolicy,
  parseKernelState,
  parseProtocolNames,
  xfrmRecords,
} from './xfrm-text.ts';

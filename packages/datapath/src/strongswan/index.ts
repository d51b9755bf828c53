export { openStrongswanDatapath, type StrongswanOptions } from './driver.ts';

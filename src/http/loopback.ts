/** Adapters must know it too; said in their words. */
export { isLocalRequest } from '../chat/local-request.ts';

/** The entry `@talaria/sdk/identity`. */
export { createIdentity, type Device, type Identity, type IdentityOptions, type IdentitySession } from './identity.js';
export { memoryIdentityStore, webIdentityStore, type IdentityStore, type WebStorage } from './store.js';
export { TalariaError, type TalariaErrorCode } from '../errors.js';

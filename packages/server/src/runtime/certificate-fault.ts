/** A certificate that nobody vouches for, in OpenSSL's words. */
const UNSIGNED: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_SIGNATURE_FAILURE',
]);

/** What is wrong with the certificate of a server, by the code of Node's error; undefined when it is something else. */
export function certificateFault(code: string): 'unsigned' | 'other_name' | undefined {
  if (UNSIGNED.has(code)) return 'unsigned';
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'other_name' : undefined;
}

/** Of a password that nobody has, at the cost of every other: who has no account waits as long. */
export const NOBODYS_HASH = '$argon2id$v=19$m=19456,t=2,p=1$dGFsYXJpYS1ub2JvZHkteA$JeWFwt72OEQVV8Sr+0ObgwRPICYsCkCyyeP82WatIIQ';

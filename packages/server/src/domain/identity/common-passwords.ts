/** Passwords of at least eight characters that are tried first, from published lists of leaked ones. In small letters. */
const TEXT = `
password 12345678 123456789 1234567890 password1 password12 password123 passw0rd p@ssw0rd p@ssword qwertyuiop qwerty123 qwerty12 qwertyui 1q2w3e4r 1q2w3e4r5t 1qaz2wsx
qazwsxedc zaq12wsx asdfghjkl asdfasdf zxcvbnm1 iloveyou iloveyou1 sunshine sunshine1 princess princess1 football football1 baseball basketball superman superman1 batman123
trustno1 starwars whatever whatever1 jennifer michelle michael1 jordan23 corvette mercedes computer internet samantha maverick midnight danielle liverpool chelsea1 arsenal1
welcome1 welcome123 letmein1 letmein123 dragon123 monkey123 shadow123 master123 hello123 helloworld abcd1234 abc12345 abcdefgh abcdefghi a1b2c3d4 aaaaaaaa 11111111 00000000
22222222 55555555 66666666 77777777 88888888 99999999 12341234 12344321 11223344 123123123 147258369 159357456 321321321 87654321 987654321 9876543210 012345678 0123456789
123456780 1234abcd 123qweasd 1a2b3c4d qwer1234 q1w2e3r4 q1w2e3r4t5 asdf1234 zxcv1234 changeme changeme1 changeme123 default1 admin123 administrator adminadmin root1234
testtest test1234 testing123 guest123 secret123 mypassword newpassword temp1234 pass1234 pass12345 password! password1! passwort passwort1 motdepasse contrasena hunter22
blink182 pokemon1 pokemon123 minecraft fortnite garfield scooter1 snoopy123 slipknot metallica nirvana1 eminem123 rockstar spiderman charlie1 victoria alexander christian
elizabeth isabella1 benjamin1 jessica1 ashley123 nicole123 matthew1 andrew123 summer2023 summer2024 summer2025 winter2023 winter2024 winter2025 spring2024 autumn2024
january1 december1 lovelove loveyou1 loveme123 fuckyou1 fuckyou123 cheese123 chocolate butterfly flower123 tinkerbell ladybug1 barcelona realmadrid manchester
`;

export const commonPasswords: ReadonlySet<string> = new Set(TEXT.split(/\s+/).filter((word) => word !== ''));

const fewestCharacters = 8;
const mostCharacters = 128;

/** What keeps a text from being the password of the account of that name; undefined when nothing does. */
export function passwordTrouble(
  password: string,
  name: string,
): 'passwordMangled' | 'passwordTooShort' | 'passwordTooLong' | 'passwordWithName' | undefined {
  // What readers put for bytes that were not UTF-8, and half a character, which hashing would replace by the same.
  if (password.includes('\ufffd') || !password.isWellFormed()) return 'passwordMangled';
  const { length } = [...password];
  if (length < fewestCharacters) return 'passwordTooShort';
  if (length > mostCharacters) return 'passwordTooLong';
  return password.toLowerCase().includes(name.toLowerCase()) ? 'passwordWithName' : undefined;
}

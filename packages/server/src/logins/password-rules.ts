const fewestCharacters = 8;
const mostCharacters = 128;

/** What keeps a text from being the password of the account of that name; undefined when nothing does. */
export function passwordTrouble(
  password: string,
  name: string,
): 'passwordTooShort' | 'passwordTooLong' | 'passwordWithName' | undefined {
  const { length } = [...password];
  if (length < fewestCharacters) return 'passwordTooShort';
  if (length > mostCharacters) return 'passwordTooLong';
  return password.toLowerCase().includes(name.toLowerCase()) ? 'passwordWithName' : undefined;
}

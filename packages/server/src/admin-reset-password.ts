import type { ServeConfig } from './config.ts';
import { openOfflineData } from './engines.ts';
import { setPassword } from './first-account.ts';
import { firstAccountName } from './first-password-file.ts';

/**
 * Gives the first account a new password while no server holds the data directory. Returns the sentence to show, with
 * the password in it when it was made up.
 */
export async function resetPassword(config: ServeConfig, givenPassword: string | undefined): Promise<string> {
  const data = await openOfflineData(config);
  try {
    const { password, file } = await setPassword(
      data.desired,
      config.dataDirectory,
      firstAccountName,
      givenPassword,
    );
    if (file === undefined)
      return `The account ${firstAccountName} has the password of ESPLANADE_ADMIN_PASSWORD.`;
    return `The account ${firstAccountName} has the password ${password} (kept in ${file}).`;
  } finally {
    await data.close();
  }
}

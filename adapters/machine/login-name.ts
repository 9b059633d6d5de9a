/** Name of the operating system's user. */
import { userInfo } from 'node:os';

/** Returns the login name; `unknown` if the user id has none. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a container may run under a user id without a name
  }
}

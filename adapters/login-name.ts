/** The person at this machine. */
import { userInfo } from 'node:os';

/** As the operating system knows them. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a container may run under a user id that has no name
  }
}

/** The users of the sample directory, all or by role, state and name. */
import { mentions, wordsOf } from '../language/words.ts';
import users from './data/users.json' with { type: 'json' };

export interface UserRequest {
  readonly query?: string;
  readonly role?: string;
  readonly status?: string;
}

export type User = (typeof users)[number];

export interface UserList {
  readonly total: number;
  readonly users: readonly User[];
}

const ROLES: Readonly<Record<string, readonly string[]>> = {
  admin: ['admin', 'admins', 'administrator~', 'админ~', 'администратор~', 'адмін~', 'адміністратор~'],
  editor: ['editor', 'editors', 'редактор~', 'redakteur~', 'redakteure'],
  viewer: ['viewer', 'viewers', 'читател~', 'читач~', 'leser'],
};
const STATUSES: Readonly<Record<string, readonly string[]>> = {
  disabled: [
    'disabled',
    'inactive',
    'blocked',
    'отключен~',
    'неактивн~',
    'заблокирован~',
    'заблокован~',
    'inaktive~',
    'gesperrte~',
  ],
  active: ['active', 'активн~', 'aktiv', 'aktive~'],
  invited: ['invited', 'pending', 'приглашен~', 'запрошен~', 'eingeladen~'],
};

export function run(request: UserRequest): UserList {
  const said = request.query ?? '';
  const role = request.role ?? meant(ROLES, said);
  const status = request.status ?? meant(STATUSES, said);
  const named = users.filter((user) => isNamed(user, said));
  const found = (named.length > 0 ? named : users)
    .filter((user) => role === undefined || user.role === role)
    .filter((user) => status === undefined || user.status === status);
  return { total: found.length, users: found };
}

function meant(names: Readonly<Record<string, readonly string[]>>, text: string): string | undefined {
  return Object.entries(names).find(([, forms]) => mentions(text, forms))?.[0];
}

function isNamed(user: User, text: string): boolean {
  const names = new Set(wordsOf(user.name).map(({ folded }) => folded));
  return wordsOf(text).some(({ folded }) => names.has(folded));
}

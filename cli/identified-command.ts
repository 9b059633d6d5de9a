/** The base of commands for which it matters who calls. */
import { Option } from 'clipanion';
import { resolve } from 'node:path';
import type { Actor } from '../client/actor.ts';
import { openPolicies } from '../adapters/policies.ts';
import type { Rights } from '../core/permission-policy.ts';
import { SkillosCommand } from './command.ts';
import { identify } from './identity.ts';

export abstract class IdentifiedCommand extends SkillosCommand {
  role = Option.String('--role', { description: 'Act in this role; with a token, in one that it holds' });
  jwt = Option.String('--jwt', {
    description: 'Token that says who calls: its text or @file (default: SKILLOS_JWT_TOKEN)',
  });

  #rights: Promise<Rights> | undefined;

  /** The caller, and what the policies say; read once a command. */
  protected rights(): Promise<Rights> {
    this.#rights ??= this.readRights();
    return this.#rights;
  }

  /** The caller as somebody who changes something. */
  protected async actor(): Promise<Actor> {
    return { rights: await this.rights(), way: 'cli' };
  }

  private async readRights(): Promise<Rights> {
    const { production, root } = this.config;
    const caller = await identify({ jwt: this.jwt, role: this.role }, this.config);
    return { ...caller, production, file: await openPolicies(resolve(root)).permissions() };
  }
}

/** Errors of `pg` as errors of connectors. None of them holds the dsn, a part of it, or a value of a row. */
import { SkillosError, isSkillosError } from '../../../core/errors/errors.ts';

/** What `pg` throws: an error of the server with its SQLSTATE, of the system with its code, or of its own without one. */
interface PgError {
  readonly message: string;
  readonly code?: string;
  readonly severity?: string;
  readonly constraint?: string;
}

/** Why there is no connection, by code or by the text of `pg`. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^28|^SASL/, 'the user name or the password is refused'],
  [/^3D000$/, 'the database does not exist'],
  [/^42501$/, 'the user lacks a privilege'],
  [/^53/, 'the server has no free connection'],
  [/^57P/, 'the server is stopping or starting'],
  [/SSL|CERT|^UNABLE_TO_/, 'no TLS connection that can be trusted'],
  [/^ERR_INVALID/, 'the dsn is not valid'],
  [/^E[A-Z_]+$|timeout/i, 'the server does not answer'],
];

export function connectError(id: string, thrown: unknown): SkillosError {
  const { code, message } = thrown as PgError;
  const reason = REASONS.find(([pattern]) => pattern.test(code ?? message))?.[1] ?? 'the connection failed';
  return unreachable(id, reason, code);
}

/** Returns a `SkillosError` as it is. */
export function statementError(id: string, thrown: unknown): SkillosError {
  if (isSkillosError(thrown)) return thrown;
  const { code = '', message, severity, constraint } = thrown as PgError;
  if (severity === undefined) return unreachable(id, 'the connection broke', code || undefined);
  const details = { sqlstate: code, ...(constraint !== undefined && { constraint }) };
  if (/^(08(?!P01)|53|57P)/.test(code)) return unreachable(id, 'the server ended the connection', code);
  if (code === '57014')
    return new SkillosError('connector_timeout', `Connector "${id}": the statement took too long`, {
      details,
    });
  if (code === '25006')
    return new SkillosError('sql_read_only', `Connector "${id}": ${message}`, { details });
  const isMissing = code === '08P01' && message.startsWith('bind message');
  if (isMissing)
    return new SkillosError(
      'connector_invalid',
      `Connector "${id}": expected one value for each parameter: ${message}`,
    );
  return new SkillosError('sql_failed', `Connector "${id}": ${withoutValue(code, message)} (${code})`, {
    details,
  });
}

/**
 * `invalid input syntax for type integer: "12x"` quotes the value, and `value "9999999999" is out of range for type integer`;
 * other errors than those of class 22, about data, quote names.
 */
function withoutValue(code: string, message: string): string {
  const text = message.replace(/: ".*$/s, '');
  return code.startsWith('22') ? text.replace(/".*"/s, '"..."') : text;
}

function unreachable(id: string, reason: string, code: string | undefined): SkillosError {
  const shown = code === undefined ? '' : ` (${code})`;
  return new SkillosError('connector_unreachable', `Connector "${id}": ${reason}${shown}`);
}

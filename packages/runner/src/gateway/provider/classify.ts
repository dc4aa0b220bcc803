import type { ProviderReason } from '@agentteam/contract';
import { EMPTY_REPLY_TYPE, type ErrorReply, errorOf } from './error-of.ts';
import { resetTime } from './reset-time.ts';

/** What kind of error it is. */
export type ErrorClass =
  /** The provider will answer later. `forMs` is the time from now, if the provider named one. */
  | {
      readonly kind: 'wait';
      readonly reason: ProviderReason;
      readonly detail?: string;
      readonly forMs?: number;
      /** Whether the reason is a limit of the account, and not a fault of the provider. */
      readonly isLimit: boolean;
    }
  /** The credential is refused. Waiting helps only if somebody replaces it. */
  | { readonly kind: 'credential' }
  /** The credential is valid, but the API serves nobody at this place, or a policy of the organization forbids it. */
  | { readonly kind: 'not-allowed'; readonly by: 'region' | 'policy' }
  /** The credential is valid, but has no access to the model, or there is no such model in the region. */
  | { readonly kind: 'no-access' }
  /** This request is refused. Claude Code handles some of these errors itself. */
  | { readonly kind: 'request' }
  /** The same request may succeed immediately. Claude Code repeats it itself. */
  | { readonly kind: 'retry' };

/** Request Timeout, Conflict, Too Early. */
const RETRY: ReadonlySet<number> = new Set([408, 409, 425]);

/** The API's messages for an account without credit; the status varies. */
const NO_CREDIT =
  /credit balance is too low|out of (?:extra )?credits?|insufficient (?:credits?|funds)|plans & billing/i;
/** The API's message for an account that it has closed; the status is 400. */
const CLOSED = /organization has been disabled/i;
/** The API's messages for a monthly limit that the account's owner has set. */
const SPEND_LIMIT =
  /reached your specified (?:workspace )?(?:API )?usage limits?|regain access on/i;
/**
 * The APIs' messages for requests from a place that they do not serve; the status is mostly 403. Anthropic's API says
 * `forbidden: Request not allowed`, and its clouds name `unsupported countries, regions, or territories`.
 */
const REGION =
  /unsupported[ _](?:countr|region|territor|location)|not (?:available|supported|allowed) (?:in|from) (?:your|this) (?:country|region|location|territory)|^request not allowed\.?$/i;
/** Messages for a policy of the organization that owns the credential, such as a list of allowed addresses. */
const POLICY =
  /organi[sz]ation(?:'s|al)? (?:\w+ ){0,3}(?:polic|settings)|polic(?:y|ies) (?:of|by|set by|in) (?:your|the|this) organi[sz]ation|ip allow-?list|ip address (?:\S+ )?is not (?:allowed|permitted|in)|disabled by (?:your|the) (?:organi[sz]ation|administrator|admin)/i;
/** Limits that reset within this time are rate limits, not what people know as their usage limit. */
const SHORT_MS = 5 * 60_000;

/** Limits for a day, as Bedrock and Vertex AI word them. */
const DAILY = /per day|daily/i;
/** Names of AWS for credentials that it refuses. It answers some of them with status 400. */
const BAD_SIGNATURE =
  /^(?:UnrecognizedClient|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|ExpiredToken|InvalidClientTokenId|NotAuthorized)(?:Exception)?$/;
/** Names of AWS and Google for a valid credential without the right to use the model. */
const NO_ACCESS = /^(?:AccessDenied(?:Exception)?|PERMISSION_DENIED)$/;
/** Messages of the clouds for a model that does not exist, or cannot be used in this region or in this way. */
const NO_MODEL =
  /model identifier is invalid|on-demand throughput|access to the model|Publisher Model .* (?:was )?not found|not (?:servable|available|supported) in (?:this |the )?region/i;
/** Names of AWS for quotas and for models that are not ready. */
const QUOTA = /^ServiceQuotaExceeded(?:Exception)?$/;
const NOT_READY = /^ModelNotReady(?:Exception)?$/;

/**
 * Classifies an error by its status, name and message: https://docs.claude.com/en/api/errors,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html,
 * https://cloud.google.com/apis/design/errors. Clouds also pass on Anthropic's own errors.
 */
export function classify(error: ErrorReply, now: number): ErrorClass {
  const { status, headers } = error;
  const { type, message } = errorOf(error);
  const until = resetTime(headers, message, now);
  // Use a duration, because the clock may jump before it is used.
  const forMs = until === undefined ? undefined : Math.max(0, until - now);
  const wait = (
    reason: ProviderReason,
    isLimit: boolean,
    detail?: number | string,
  ): ErrorClass => ({
    kind: 'wait',
    reason,
    isLimit,
    ...(detail !== undefined && { detail: String(detail) }),
    ...(forMs !== undefined && { forMs }),
  });
  if (BAD_SIGNATURE.test(type) || (status === 400 && CLOSED.test(message)))
    return { kind: 'credential' };
  const isRefused = status === 400 || status === 401 || status === 403;
  if (status === 451 || (isRefused && REGION.test(message)))
    return { kind: 'not-allowed', by: 'region' };
  if (NO_ACCESS.test(type) || (status >= 400 && status < 500 && NO_MODEL.test(message))) {
    return { kind: 'no-access' };
  }
  if (QUOTA.test(type)) return wait('usage-limit', true);
  if (NOT_READY.test(type)) return wait('overloaded', false, status);
  if (status === 400 || status === 402 || status === 403 || status === 429) {
    if (status === 402 || NO_CREDIT.test(message)) return wait('no-credit', true);
    if (SPEND_LIMIT.test(message)) return wait('usage-limit', true);
  }
  if (status === 429) {
    const isUsage =
      headers['anthropic-ratelimit-unified-status'] === 'rejected' ||
      /usage limit|limit reached/i.test(message) ||
      DAILY.test(message) ||
      (forMs !== undefined && forMs > SHORT_MS);
    return wait(isUsage ? 'usage-limit' : 'rate-limit', true);
  }
  if (type === EMPTY_REPLY_TYPE) return wait('server-error', false, 'EMPTY_REPLY');
  if (status === 529) return wait('overloaded', false, status);
  // 424 is Bedrock's status for a failure of the model.
  if (status >= 500 || status === 424) return wait('server-error', false, status);
  if (status === 403 && POLICY.test(message)) return { kind: 'not-allowed', by: 'policy' };
  if (status === 401 || status === 403) return { kind: 'credential' };
  return { kind: RETRY.has(status) ? 'retry' : 'request' };
}

import {
  EXIT,
  modelAt,
  type ProviderReason,
  type ProviderRefusal,
  REHEARSAL_MISTAKE,
} from '@agentteam/contract';
import type { TeamLedger } from '../budget/team-ledger.ts';
import type { GatewayConfig } from '../config.ts';
import type { ApiCredential, Credentials } from '../credentials.ts';
import { connectionCode } from '../http/forward.ts';
import type { Renewal } from '../oauth/subscription.ts';
import { CredentialError } from '../provider-api/provider-api.ts';
import { classify } from './classify.ts';
import type { CredentialPool } from './credential-pool.ts';
import { type ErrorReply, errorOf } from './error-of.ts';
import { missingModel, noAccess, notAllowed, unknownModel } from './messages/access.ts';
import { connectionRefused, proxyRefused, wrongAddress } from './messages/address.ts';
import {
  cloudCredentialRefused,
  credentialRefused,
  credentialUnusable,
} from './messages/credential.ts';
import type { MessageContext } from './messages/parts.ts';
import { invalidRequest, limitReached, rehearsalMistake } from './messages/request.ts';
import type { Rejection } from './pause.ts';
import type { Pauses } from './pauses.ts';

/** Time for which a credential that worked before may be refused, while somebody replaces it. */
const ROTATION_MS = 5 * 60_000;
/** Names of Anthropic, AWS, Google and Azure for something that does not exist. */
const MISSING: readonly string[] = [
  'not_found_error',
  'ResourceNotFoundException',
  'NOT_FOUND',
  'DeploymentNotFound',
];

/** A credential that has worked within this time counts as one that worked before. */
const WORKED_MS = 60 * 60_000;

export interface ErrorPolicyOptions {
  readonly config: GatewayConfig;
  readonly ledger: TeamLedger;
  readonly credentials: Credentials;
  readonly pool: CredentialPool;
  readonly pauses: Pauses;
}

/**
 * What follows from an error. `again`: another credential can be used at once. `wait`: the pauses hold
 * requests until the provider may answer again. `retry`: Claude Code repeats the request itself. Otherwise:
 * waiting does not help.
 */
export type Decision = 'again' | 'wait' | 'retry' | ProviderRefusal;

/** Reasons for which another credential is used. A short rate limit is waited for. */
const OUT_OF_QUOTA: ReadonlySet<ProviderReason> = new Set(['usage-limit', 'no-credit']);

/** Decides what to do about errors of the provider, and pauses requests when they must wait. */
export class ErrorPolicy {
  readonly #options: ErrorPolicyOptions;
  readonly #context: MessageContext;

  constructor(options: ErrorPolicyOptions) {
    this.#options = options;
    const { agent, model, isLocal, secret, provider, workloadIdentity: identity } = options.config;
    this.#context = { agent, model, isLocal, secret, provider, identity };
  }

  /**
   * Decides about an error response of the API.
   * @param used the credential of the request.
   * @param tried the result of renewing it, if the caller has tried that.
   */
  async onErrorReply(
    model: string | undefined,
    error: ErrorReply,
    used: ApiCredential,
    tried?: Renewal,
  ): Promise<Decision> {
    const { credentials, pauses, pool } = this.#options;
    const errorClass = classify(error, Date.now());
    switch (errorClass.kind) {
      case 'retry':
        return 'retry';
      case 'request': {
        const context = { ...this.#context, model: model ?? this.#context.model };
        const describe = this.#requestProblem(error);
        const message = describe(error, used, context);
        return { message, exitCode: EXIT.invalid, final: isFromProxy(error) };
      }
      case 'not-allowed': {
        const { by } = errorClass;
        // Another credential may belong to another organization.
        const rejection = { reason: 'credential', detail: `${error.status}` } as const;
        if (by === 'policy' && (await pool.setAside(used, model, rejection))) return 'again';
        const message = notAllowed(error, by, this.#context);
        return { message, exitCode: EXIT.refused, final: true };
      }
      case 'no-access': {
        const context = { ...this.#context, model: model ?? this.#context.model };
        return {
          message: noAccess(error, context),
          exitCode: EXIT.refused,
          final: this.#isOwn(model),
        };
      }
      case 'credential': {
        const rejection = { reason: 'credential', detail: `${error.status}` } as const;
        const renewal = tried ?? (await this.#renew(used, error.status));
        if (renewal.kind === 'renewed') return 'again';
        if (await pool.setAside(used, model, rejection)) return 'again';
        const limited = await pool.soonest(model);
        if (limited !== undefined) return this.#atLimit(model, error, limited);
        if (await this.#mayBeRotating()) {
          await pauses.pause(model, rejection);
          return 'wait';
        }
        if (renewal.kind === 'unavailable') {
          await pauses.pause(model, { reason: 'no-connection', detail: renewal.detail });
          return 'wait';
        }
        const message =
          this.#context.provider === undefined
            ? credentialRefused(error, await credentials.api(used.name), this.#context)
            : cloudCredentialRefused(error, this.#context);
        return { message, exitCode: EXIT.refused, final: true };
      }
      case 'wait': {
        if (OUT_OF_QUOTA.has(errorClass.reason)) {
          if (await pool.setAside(used, model, errorClass)) return 'again';
          return this.#atLimit(model, error, (await pool.soonest(model)) ?? errorClass);
        }
        if (errorClass.isLimit) return this.#atLimit(model, error, errorClass);
        await pauses.pause(model, errorClass);
        return 'wait';
      }
    }
  }

  async #atLimit(
    model: string | undefined,
    error: ErrorReply,
    limit: Rejection,
  ): Promise<'wait' | ProviderRefusal> {
    if (this.#options.config.onProviderLimit === 'fail') {
      const message = limitReached(error, limit.reason, limit.forMs);
      return { message, exitCode: EXIT.limited, final: true };
    }
    await this.#options.pauses.pause(model, limit);
    return 'wait';
  }

  /** What to say about a request that no wait and no other credential can save. */
  #requestProblem(error: ErrorReply): typeof invalidRequest {
    const { type, message } = errorOf(error);
    if (error.headers[REHEARSAL_MISTAKE] !== undefined) return rehearsalMistake;
    if (isFromProxy(error)) return error.status < 400 ? wrongAddress : proxyRefused;
    if (error.status !== 404) return invalidRequest;
    if (MISSING.includes(type)) return unknownModel;
    const isForeign = type === '' && message === '' && this.#context.provider === undefined;
    return isForeign ? wrongAddress : invalidRequest;
  }

  /** Tries to get another value for a refused credential. A 403 is about rights, which a new token does not add. */
  async #renew(used: ApiCredential, status: number): Promise<Renewal> {
    const { credentials } = this.#options;
    // Clouds' libraries renew their tokens themselves.
    if (this.#context.provider !== undefined) return { kind: 'useless' };
    if (status === 401) return credentials.renew(used);
    const isReplaced = (await credentials.api(used.name)).fingerprint !== used.fingerprint;
    return { kind: isReplaced ? 'renewed' : 'useless' };
  }

  /** Decides about a connection that failed before there was a response. */
  async onNoConnection(
    model: string | undefined,
    error: unknown,
  ): Promise<'wait' | ProviderRefusal> {
    if (error instanceof CredentialError) {
      if (await this.#mayBeRotating()) {
        await this.#options.pauses.pause(model, { reason: 'credential' });
        return 'wait';
      }
      const message = credentialUnusable(error.message, this.#context);
      return { message, exitCode: EXIT.refused, final: true };
    }
    const message = connectionRefused(error, this.#context.isLocal);
    if (message !== undefined) return { message, exitCode: EXIT.refused, final: true };
    const detail = connectionCode(error);
    await this.#options.pauses.pause(model, {
      reason: 'no-connection',
      ...(detail !== undefined && { detail }),
    });
    return 'wait';
  }

  /** The provider's list of models does not have the agent's. */
  onMissingModel(): ProviderRefusal {
    return { message: missingModel(this.#context), exitCode: EXIT.invalid, final: true };
  }

  /**
   * Whether it is the agent's own model, which it cannot do without. Claude Code asks smaller models for some
   * things, and manages without them.
   */
  #isOwn(model: string | undefined): boolean {
    const { provider } = this.#context;
    const own =
      provider === undefined ? this.#context.model : modelAt(provider, this.#context.model);
    return model === undefined || model === own;
  }

  /** Whether a refused credential has worked before and can be replaced, so that somebody may be doing that. */
  async #mayBeRotating(): Promise<boolean> {
    const { pauses, ledger, config, credentials } = this.#options;
    // The tokens of an identity are renewed without anybody's help.
    const isFixed = config.isLocal && config.workloadIdentity === undefined;
    if (isFixed && !credentials.canChange) return false;
    const waiting = pauses.current;
    if (waiting?.reason === 'credential') {
      return Date.now() - Date.parse(waiting.since) < ROTATION_MS;
    }
    await ledger.refresh();
    return ledger.answeredSince(Date.now() - WORKED_MS);
  }
}

/**
 * Whether something between the gateway and the API asks for a login, with a redirect, a web page or a status of its own.
 * Claude Code would follow a redirect, and ask for ever. The API itself never redirects.
 */
function isFromProxy({ status }: ErrorReply): boolean {
  return status < 400 || status === 407;
}

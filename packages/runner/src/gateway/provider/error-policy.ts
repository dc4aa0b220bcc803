import { EXIT, type ProviderReason, type ProviderRefusal } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import type { ApiCredential, Credentials } from '../credentials.ts';
import { connectionCode } from '../forward.ts';
import type { Renewal } from '../oauth/subscription.ts';
import type { TeamLedger } from '../team-ledger.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';
import type { CredentialPool } from './credential-pool.ts';
import type { Rejection } from './pause.ts';
import type { Pauses } from './pauses.ts';
import {
  connectionRefused,
  credentialRefused,
  invalidRequest,
  limitReached,
  type MessageContext,
  unknownModel,
} from './refusal-messages.ts';

/** Time for which a credential that worked before may be refused, while somebody replaces it. */
const ROTATION_MS = 5 * 60_000;
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
    const { agent, model, isLocal } = options.config;
    this.#context = { agent, model, isLocal };
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
        const isModel = error.status === 404 && errorOf(error.body).type === 'not_found_error';
        const context = { ...this.#context, model: model ?? this.#context.model };
        const message = (isModel ? unknownModel : invalidRequest)(error, used, context);
        return { message, exitCode: EXIT.invalid, final: false };
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
        const now = await credentials.api(used.name);
        const message = credentialRefused(error, now, this.#context);
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

  /** Tries to get another value for a refused credential. A 403 is about rights, which a new token has not. */
  async #renew(used: ApiCredential, status: number): Promise<Renewal> {
    const { credentials } = this.#options;
    if (status === 401) return credentials.renew(used);
    const isReplaced = (await credentials.api(used.name)).fingerprint !== used.fingerprint;
    return { kind: isReplaced ? 'renewed' : 'useless' };
  }

  /** Decides about a connection that failed before there was a response. */
  async onNoConnection(
    model: string | undefined,
    error: unknown,
  ): Promise<'wait' | ProviderRefusal> {
    const message = connectionRefused(error, this.#context.isLocal);
    if (message !== undefined) return { message, exitCode: EXIT.refused, final: true };
    const detail = connectionCode(error);
    await this.#options.pauses.pause(model, {
      reason: 'no-connection',
      ...(detail !== undefined && { detail }),
    });
    return 'wait';
  }

  /** Whether a refused credential has worked before, so that somebody may be replacing it. */
  async #mayBeRotating(): Promise<boolean> {
    const { pauses, ledger } = this.#options;
    const waiting = pauses.current;
    if (waiting?.reason === 'credential') {
      return Date.now() - Date.parse(waiting.since) < ROTATION_MS;
    }
    await ledger.refresh();
    return ledger.answeredSince(Date.now() - WORKED_MS);
  }
}

import { EXIT, type ProviderRefusal } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import type { Credentials } from '../credentials.ts';
import { connectionCode } from '../forward.ts';
import type { TeamLedger } from '../team-ledger.ts';
import { classify, type ErrorReply, errorOf } from './classify.ts';
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
  readonly pauses: Pauses;
}

/**
 * What follows from an error. `wait`: the pauses hold requests until the provider may answer again.
 * `retry`: Claude Code repeats the request itself. Otherwise: waiting does not help.
 */
export type Decision = 'wait' | 'retry' | ProviderRefusal;

/** Decides what to do about errors of the provider, and pauses requests when they must wait. */
export class ErrorPolicy {
  readonly #options: ErrorPolicyOptions;
  readonly #context: MessageContext;

  constructor(options: ErrorPolicyOptions) {
    this.#options = options;
    const { agent, model, secret, isLocal } = options.config;
    this.#context = { agent, model, secret, isLocal };
  }

  /** Decides about an error response of the API. */
  async onErrorReply(model: string | undefined, error: ErrorReply): Promise<Decision> {
    const { config, credentials, pauses } = this.#options;
    const errorClass = classify(error, Date.now());
    switch (errorClass.kind) {
      case 'retry':
        return 'retry';
      case 'request': {
        const isModel = error.status === 404 && errorOf(error.body).type === 'not_found_error';
        const context = { ...this.#context, model: model ?? this.#context.model };
        const message = (isModel ? unknownModel : invalidRequest)(error, context);
        return { message, exitCode: EXIT.invalid, final: false };
      }
      case 'credential': {
        if (await this.#mayBeRotating()) {
          await pauses.pause(model, { reason: 'credential', detail: `${error.status}` });
          return 'wait';
        }
        const message = credentialRefused(error, await credentials.name(), this.#context);
        return { message, exitCode: EXIT.refused, final: true };
      }
      case 'wait': {
        if (errorClass.isLimit && config.onProviderLimit === 'fail') {
          const message = limitReached(error, errorClass.reason, errorClass.forMs);
          return { message, exitCode: EXIT.limited, final: true };
        }
        await pauses.pause(model, errorClass);
        return 'wait';
      }
    }
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

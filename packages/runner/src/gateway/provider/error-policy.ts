import { EXIT, modelAt, type ProviderRefusal } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import { connectionCode } from '../forward.ts';
import { CredentialError, type ProviderApi } from '../provider-api/provider-api.ts';
import type { TeamLedger } from '../team-ledger.ts';
import { classify } from './classify.ts';
import { type ErrorReply, errorOf } from './error-of.ts';
import type { Pauses } from './pauses.ts';
import {
  connectionRefused,
  credentialRefused,
  credentialUnusable,
  invalidRequest,
  limitReached,
  type MessageContext,
  missingModel,
  noAccess,
  unknownModel,
} from './refusal-messages.ts';

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
  readonly api: ProviderApi;
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
    const { agent, model, secret, isLocal, provider, workloadIdentity } = options.config;
    this.#context = { agent, model, secret, isLocal, provider, identity: workloadIdentity };
  }

  /** Decides about an error response of the API. */
  async onErrorReply(model: string | undefined, error: ErrorReply): Promise<Decision> {
    const { config, api, pauses } = this.#options;
    const errorClass = classify(error, Date.now());
    switch (errorClass.kind) {
      case 'retry':
        return 'retry';
      case 'request': {
        const isModel = error.status === 404 && MISSING.includes(errorOf(error).type);
        const context = { ...this.#context, model: model ?? this.#context.model };
        const message = (isModel ? unknownModel : invalidRequest)(error, context);
        return { message, exitCode: EXIT.invalid, final: false };
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
        if (await this.#mayBeRotating()) {
          await pauses.pause(model, { reason: 'credential', detail: `${error.status}` });
          return 'wait';
        }
        const message = credentialRefused(error, await api.credentialName(), this.#context);
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

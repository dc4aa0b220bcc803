import { PROVIDER_NAMES, type ProviderRef, type WorkloadIdentity } from '@agentteam/contract';
import { type ErrorReply, errorOf } from '../error-of.ts';

/** Facts that the messages mention, so that their readers know what to change. */
export interface MessageContext {
  readonly agent: string;
  /** As the team's spec has it. */
  readonly model: string;
  /** Whether the credential comes from this machine instead of a cluster's Secret. */
  readonly isLocal: boolean;
  /** The Secret of `auth`; absent when the team names none, or several. */
  readonly secret: string | undefined;
  /** Absent: Anthropic. */
  readonly provider: ProviderRef | undefined;
  /** The identity of the pod's service account, which takes the place of a Secret. */
  readonly identity: WorkloadIdentity | undefined;
}

/** How a message begins: the provider. */
export function nameOf({ provider }: Pick<MessageContext, 'provider'>): string {
  return provider === undefined ? 'the API' : PROVIDER_NAMES[provider.name];
}

/** The place of a model, to be appended to its name. */
export function regionOf(provider: ProviderRef | undefined): string {
  return provider?.region === undefined ? '' : ` in ${provider.region}`;
}

/** For example `401 authentication_error: invalid x-api-key`. */
export function describe(error: ErrorReply): string {
  const { status } = error;
  const { type, message } = errorOf(error);
  const kind = type === '' ? `${status}` : `${status} ${type}`;
  return message === '' ? kind : `${kind}: ${message}`;
}

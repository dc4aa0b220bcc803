import { modelAt, type ProviderRef } from '@agentteam/contract';
import type { ApiCredential } from '../credentials.ts';
import { upstreamUrl } from '../http/route.ts';
import { CredentialError, type OutgoingRequest } from '../provider-api/provider-api.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { askFree, type PreflightOptions } from './ask-free.ts';
import { classify } from './classify.ts';
import type { ErrorReply } from './error-of.ts';

/** What is known about the API before an agent starts. */
export type Preflight =
  | { readonly kind: 'ready' }
  /** The API answered, but not in a way that predicts the answers to the agent's requests. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'error'; readonly error: ErrorReply }
  /** The provider does not offer the agent's model. */
  | { readonly kind: 'no-model' }
  | { readonly kind: 'no-connection'; readonly error: unknown };

/**
 * Asks a cloud, at no cost, whether it accepts the credential and offers the agent's model:
 *
 * - Bedrock for its list of inference profiles, for which an identity may have no right;
 * - Vertex AI and Foundry to count tokens, which needs the same rights as a message.
 */
export async function cloudPreflight(
  options: PreflightOptions,
  provider: ProviderRef,
  credential: ApiCredential,
): Promise<Preflight> {
  let answer: ErrorReply;
  try {
    answer = await cloudAnswer(options, provider, credential);
  } catch (error) {
    // A network may allow connections to Bedrock's runtime only, which has another host.
    const isOther = questionOf(options, provider).url.host !== options.config.upstream.host;
    const isKnown = !isOther || error instanceof CredentialError;
    return isKnown ? { kind: 'no-connection', error } : { kind: 'unknown' };
  }
  if (answer.status < 400) {
    const isListed =
      provider.name !== 'bedrock' || lists(answer, modelAt(provider, options.config.model));
    return isListed ? { kind: 'ready' } : { kind: 'no-model' };
  }
  return isConclusive(answer, provider) ? { kind: 'error', error: answer } : { kind: 'unknown' };
}

export async function cloudAnswer(
  options: PreflightOptions,
  provider: ProviderRef,
  credential: ApiCredential,
): Promise<ErrorReply> {
  const request = questionOf(options, provider);
  return askFree(options, request, options.api.headers({}, request, credential));
}

function questionOf({ config }: PreflightOptions, provider: ProviderRef): OutgoingRequest {
  const { upstream } = config;
  const model = modelAt(provider, config.model);
  const messages = [{ role: 'user', content: 'Hello' }];
  const count = (path: string, fields: object): OutgoingRequest => ({
    method: 'POST',
    url: upstreamUrl(upstream, path),
    body: Buffer.from(JSON.stringify({ model, messages, ...fields })),
    betas: [],
  });
  switch (provider.name) {
    case 'bedrock': {
      const path = '/inference-profiles?maxResults=1000&type=SYSTEM_DEFINED';
      const url = upstreamUrl(upstream, path);
      url.hostname = url.hostname.replace(/^bedrock-runtime\./, 'bedrock.');
      return { method: 'GET', url, body: null, betas: [] };
    }
    case 'vertex': {
      const { project, region } = provider;
      const path = `/v1/projects/${project}/locations/${region}/publishers/anthropic/models/count-tokens:rawPredict`;
      return count(path, { anthropic_version: 'vertex-2023-10-16' });
    }
    case 'foundry':
      return count('/v1/messages/count_tokens', {});
  }
}

/** Whether an error would also meet the agent's messages. */
function isConclusive(error: ErrorReply, { name }: ProviderRef): boolean {
  const { kind } = classify(error, Date.now());
  if (kind === 'credential') return true;
  // A right to list profiles is another one than the right to use a model.
  if (kind === 'no-access') return name !== 'bedrock';
  return name === 'foundry' && error.status === 404 && isMissingDeployment(error);
}

function isMissingDeployment({ body }: ErrorReply): boolean {
  return record(parseRecord(body.toString('utf8'))?.['error'])['code'] === 'DeploymentNotFound';
}

const PROFILE = /^(?:us|eu|jp|au|apac|us-gov|global)\.anthropic\./;

/** Whether a complete list of Bedrock's profiles has the model. Other ids are not in it. */
function lists({ body }: ErrorReply, model: string): boolean {
  const { inferenceProfileSummaries: profiles, nextToken } =
    parseRecord(body.toString('utf8')) ?? {};
  if (!Array.isArray(profiles) || nextToken !== undefined || !PROFILE.test(model)) return true;
  return profiles.some((profile) => record(profile)['inferenceProfileId'] === model);
}

import type { ApiCredential } from '../credentials.ts';
import { upstreamUrl } from '../http/route.ts';
import { parseRecord, record } from '../usage/reply-meter.ts';
import { askFree, type PreflightOptions } from './ask-free.ts';
import { classify } from './classify.ts';
import { cloudAnswer, type Preflight } from './cloud-preflight.ts';
import { type ErrorReply, errorOf } from './error-of.ts';

/**
 * Asks the API, at no cost (https://docs.claude.com/en/api/models-list), whether it is reachable, accepts
 * the credential and offers the agent's model. Company gateways may lack this endpoint, and
 * subscription tokens may not be allowed to use it: such answers predict nothing.
 */
export async function preflight(
  options: PreflightOptions,
  credential: ApiCredential,
): Promise<Preflight> {
  try {
    const models = await ask(options, credential, '/v1/models?limit=1');
    if (models.status >= 400) {
      return isConclusive(models, credential)
        ? { kind: 'error', error: models }
        : { kind: 'unknown' };
    }
    const { model } = options.config;
    if (!isListOfModels(models) || !FULL_NAME.test(model)) return { kind: 'ready' };
    const known = await ask(options, credential, `/v1/models/${model.replace(CONTEXT, '')}`);
    const isUnknown = known.status === 404 && errorOf(known).type === 'not_found_error';
    return isUnknown ? { kind: 'error', error: known } : { kind: 'ready' };
  } catch (error) {
    return { kind: 'no-connection', error };
  }
}

/** Whether the API answers at all. */
export async function answers(
  options: PreflightOptions,
  credential: ApiCredential,
): Promise<boolean> {
  const { provider } = options.config;
  try {
    if (provider !== undefined)
      return (await cloudAnswer(options, provider, credential)).status < 500;
    return (await ask(options, credential, '/v1/models?limit=1')).status < 500;
  } catch {
    return false;
  }
}

/** Full model ids. The API does not know Claude Code's aliases. */
const FULL_NAME = /^claude-[a-z0-9.-]{1,100}(?:\[1m\])?$/;
/** Claude Code's suffix for a longer context. */
const CONTEXT = /\[1m\]$/;

/** Whether an error concerns more than this endpoint. */
function isConclusive(error: ErrorReply, { key }: ApiCredential): boolean {
  const { status } = error;
  if (status === 401) {
    // The API's message when it accepts such a token on other endpoints only.
    const isElsewhere = /not supported/i.test(errorOf(error).message);
    return key !== 'CLAUDE_CODE_OAUTH_TOKEN' || !isElsewhere;
  }
  if (status === 429 || status === 501) return false;
  const { kind } = classify(error, Date.now());
  return kind === 'wait' || kind === 'not-allowed';
}

/** Whether the answer is Anthropic's own list. Other lists may leave models out. */
function isListOfModels({ body }: ErrorReply): boolean {
  const models = parseRecord(body.toString('utf8'))?.['data'];
  return Array.isArray(models) && models.length > 0 && record(models[0])['type'] === 'model';
}

async function ask(
  options: PreflightOptions,
  credential: ApiCredential,
  path: string,
): Promise<ErrorReply> {
  const url = upstreamUrl(options.config.upstream, path);
  const headers = {
    'anthropic-version': '2023-06-01',
    'accept-encoding': 'identity',
    ...credential.headers([]),
  };
  return askFree(options, { url, method: 'GET', body: null }, Promise.resolve(headers));
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Headers } from '../http/headers.ts';
import { BadRequestError } from '../request/bad-request.ts';
import { type Fields, fieldsOf } from '../request/parse-request.ts';
import { AwsStreamMeter } from '../usage/aws-stream-meter.ts';
import type { ReplyMeter } from '../usage/reply-meter.ts';
import type { AwsSigner } from './aws-signer.ts';
import type { ApiRoute, AskedRequest, OutgoingRequest, ProviderApi } from './provider-api.ts';
import { cloudFields, cloudHeaders, jsonFields, withoutHeaderFields } from './request-headers.ts';

/** The only value that Bedrock accepts: docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html */
const VERSION = 'bedrock-2023-05-31';

const TARGET =
  /^\/model\/([A-Za-z0-9._:%-]{1,2048})\/(invoke|invoke-with-response-stream|count-tokens)$/;
/** Ids of Claude models, of inference profiles for them, and ARNs of inference profiles. */
const MODEL =
  /^(?:(?:[a-z-]{2,10}\.)?anthropic\.claude-[a-z0-9.:-]{1,200}|arn:aws[a-z-]*:bedrock:[a-z0-9-]{1,40}:[0-9]{12}:(?:application-)?inference-profile\/[A-Za-z0-9._:-]{1,200})$/;

/** Amazon Bedrock's runtime API: the model is in the path, and replies stream as AWS event streams. */
export class BedrockApi implements ProviderApi {
  readonly #signer: AwsSigner;

  constructor(signer: AwsSigner) {
    this.#signer = signer;
  }

  findRoute(method: string, target: string): ApiRoute | undefined {
    const [, encoded, operation] = TARGET.exec(target) ?? [];
    if (method !== 'POST' || encoded === undefined || operation === undefined) return undefined;
    const model = decoded(encoded);
    if (model === undefined || !MODEL.test(model)) return undefined;
    return {
      kind: operation === 'count-tokens' ? 'count-tokens' : 'messages',
      path: `/model/${encodeURIComponent(model)}/${operation}`,
      model,
      streams: operation === 'invoke-with-response-stream',
    };
  }

  /** Claude Code looks for the models of the region. It is told which ones to use. */
  ignores(method: string, target: string): boolean {
    return method === 'GET' && target.startsWith('/inference-profiles');
  }

  read({ kind, model, streams }: ApiRoute, body: Fields): AskedRequest {
    const { fields, betas } = withoutHeaderFields(kind === 'messages' ? body : countedIn(body));
    return { fields: { ...fields, model, stream: streams === true }, betas };
  }

  write({ kind }: ApiRoute, { fields, betas }: AskedRequest): Fields {
    const { model: _model, stream: _stream, ...rest } = cloudFields(fields);
    const body = {
      ...rest,
      anthropic_version: VERSION,
      ...(betas.length > 0 && { anthropic_beta: betas }),
    };
    if (kind === 'messages') return body;
    const encoded = Buffer.from(JSON.stringify(body)).toString('base64');
    return { input: { invokeModel: { body: encoded } } };
  }

  async headers(from: IncomingHttpHeaders, request: OutgoingRequest): Promise<Headers> {
    const { body, betas } = request;
    return { ...cloudHeaders(from, body, betas), ...(await this.#signer.sign(request)) };
  }

  streamMeter(contentType: string, onEvent: (data: Buffer) => void): ReplyMeter | undefined {
    const isOwn = contentType.includes('application/vnd.amazon.eventstream');
    return isOwn ? new AwsStreamMeter(onEvent) : undefined;
  }

  /** Only global profiles cost less. Those of an application do not say what they are. */
  isRegional(model: unknown): boolean {
    return !/^(?:arn:[^/]*:inference-profile\/)?global\./.test(String(model));
  }

  fingerprint(): Promise<string> {
    return this.#signer.fingerprint();
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The request whose tokens are to be counted. @throws BadRequestError */
function countedIn(body: Fields): Fields {
  const { body: encoded } = fieldsOf(fieldsOf(body['input'])['invokeModel']);
  if (typeof encoded !== 'string') {
    throw new BadRequestError('input.invokeModel.body: must be a request in base64');
  }
  return jsonFields(Buffer.from(encoded, 'base64').toString('utf8'));
}

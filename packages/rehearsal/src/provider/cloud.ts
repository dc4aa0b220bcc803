import type { IncomingMessage } from 'node:http';
import type { CloudProvider } from '@agentteam/contract';
import { isRecord } from '@agentteam/contract';
import type { CloudRoute } from '../server/route.ts';
import { BEDROCK_FORMAT } from './bedrock.ts';
import { REHEARSED_KEYS } from './credentials.ts';
import { FOUNDRY_FORMAT } from './foundry.ts';
import type { GoogleTokens } from './google-tokens.ts';
import { signatureProblem } from './signature-v4.ts';
import { VERTEX_FORMAT } from './vertex.ts';
import type { WireFormat } from './wire-format.ts';

export const CLOUD_FORMATS: Readonly<Record<CloudProvider, WireFormat>> = {
  bedrock: BEDROCK_FORMAT,
  vertex: VERTEX_FORMAT,
  foundry: FOUNDRY_FORMAT,
};

/** What is wrong with the credential of a request, as the cloud answers it. */
export interface CredentialProblem {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

const HINT = 'a rehearsal accepts only its own keys, so leave out --secret for this Secret';

/** Checks the signature, token or key of a request to a cloud. */
export function credentialProblem(
  cloud: CloudProvider,
  { method = '', url = '', headers }: IncomingMessage,
  body: string,
  tokens: GoogleTokens,
): CredentialProblem | undefined {
  switch (cloud) {
    case 'bedrock': {
      const type = signatureProblem({ method, target: url, headers, body }, Date.now());
      if (type === undefined) return undefined;
      return { status: 403, type, message: `The signature is not valid: ${HINT}.` };
    }
    case 'vertex':
      if (tokens.accepts(headers.authorization)) return undefined;
      return { status: 401, type: 'UNAUTHENTICATED', message: `The token is not valid: ${HINT}.` };
    case 'foundry':
      if (headers['api-key'] === REHEARSED_KEYS.ANTHROPIC_FOUNDRY_API_KEY) return undefined;
      return { status: 401, type: '401', message: `Access denied due to invalid key: ${HINT}.` };
  }
}

/** What Anthropic's format says in the body, and these clouds in the path or in another form. */
export function anthropicBody({ cloud, model, streams }: CloudRoute, body: string): string {
  const fields: unknown = JSON.parse(body);
  if (cloud === 'foundry' || !isRecord(fields)) return body;
  const isVersioned = fields['anthropic_version'] === VERSIONS[cloud];
  if (!isVersioned) throw new SyntaxError(`anthropic_version must be ${VERSIONS[cloud]}`);
  return JSON.stringify({ ...fields, model: plainModel(model ?? ''), stream: streams === true });
}

const VERSIONS = { bedrock: 'bedrock-2023-05-31', vertex: 'vertex-2023-10-16' } as const;

/** The clouds' replies name models as Anthropic does. */
function plainModel(model: string): string {
  return model
    .replace(/^.*anthropic\./, '')
    .replace(/-v\d+(?::\d+)?$/, '')
    .replace('@', '-');
}

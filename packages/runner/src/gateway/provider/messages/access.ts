import { LEAD, modelAt } from '@agentteam/contract';
import { type ApiCredential, ONLY } from '../../credentials.ts';
import type { ErrorReply } from '../error-of.ts';
import { named } from './credential.ts';
import { describe, type MessageContext, nameOf, regionOf } from './parts.ts';

/** For a valid credential without access to a model, or a region without the model. */
export function noAccess(error: ErrorReply, context: MessageContext): string {
  const { provider, model, secret, identity } = context;
  const whose =
    identity !== undefined
      ? (identity.roleArn ??
        identity.serviceAccountEmail ??
        'the identity of auth.workloadIdentity')
      : secret === undefined
        ? 'this credential'
        : `the credential in the Secret ${secret}`;
  const id = provider === undefined ? model : modelAt(provider, model);
  return `${nameOf(context)} does not let ${whose} use the model ${JSON.stringify(id)}${regionOf(provider)} (${describe(error)}): allow it there, or choose another model, region or credential, then run agentteam retry`;
}

/** For a valid credential that may not be used here. A new one would be refused as well. */
export function notAllowed(
  error: ErrorReply,
  by: 'region' | 'policy',
  context: Pick<MessageContext, 'provider'>,
): string {
  const [problem, remedy] =
    by === 'region'
      ? [
          'does not serve the country or region that the requests come from',
          'run the team where the provider offers its models',
        ]
      : [
          "refused the request because of a policy of the credential's organization",
          'ask an administrator of that organization to allow it',
        ];
  return `${nameOf(context)} ${problem} (${describe(error)}): ${remedy}, then run agentteam retry. Another value of the credential does not help`;
}

/** For a region whose list of models does not have the agent's. */
export function missingModel(context: MessageContext): string {
  const { provider, model, agent } = context;
  const id = provider === undefined ? model : modelAt(provider, model);
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(id)}${regionOf(provider)}: correct ${field}, auth.models or auth.region, then run agentteam retry -f with the corrected file`;
}

export function unknownModel(
  error: ErrorReply,
  used: ApiCredential,
  context: MessageContext,
): string {
  const { agent, model } = context;
  const field = agent === LEAD ? 'spec.lead.model' : `the model of ${agent}`;
  return `${nameOf(context)} does not offer the model ${JSON.stringify(model)} to ${used.name === ONLY ? 'this credential' : named(used)} (${describe(error)}): correct ${field}, then run agentteam retry -f with the corrected file`;
}

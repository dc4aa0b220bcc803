import { ANTHROPIC_FORMAT, type WireFormat } from './wire-format.ts';

/** Microsoft Foundry: replies are Anthropic's, and errors of the resource are Azure's. */
export const FOUNDRY_FORMAT: WireFormat = {
  ...ANTHROPIC_FORMAT,
  error: ({ status, message }) => ({
    headers: {},
    body: { error: { code: status === 404 ? 'DeploymentNotFound' : String(status), message } },
  }),
};

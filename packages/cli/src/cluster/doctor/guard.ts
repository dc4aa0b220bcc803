import { AdmissionregistrationV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Deployments, findArgo } from './deployments.ts';
import { ask, type Finding, failed, ok } from './finding.ts';

const CHECK = 'gates with approvers';

/**
 * Whether the policies that guard the Workflows of gates with approvers let Argo's own controller write
 * them. Nothing where there is no such policy, or Argo or the policies cannot be seen.
 */
export async function examineGuard(
  { config }: Connection,
  deployments: Deployments,
): Promise<readonly Finding[]> {
  const argo = findArgo(deployments)?.deployment;
  if (argo === undefined) return [];
  const api = config.makeApiClient(AdmissionregistrationV1Api);
  const asked = await ask(
    api.listValidatingAdmissionPolicy({ labelSelector: 'app.kubernetes.io/name=agentteam' }),
  );
  if (asked.is !== 'there' || asked.value.items.length === 0) return [];
  const { serviceAccountName = 'default' } = argo.spec?.template.spec ?? {};
  const account = `system:serviceaccount:${argo.metadata?.namespace}:${serviceAccountName}`;
  const refusing = asked.value.items.find(
    ({ spec }) =>
      !spec?.matchConditions?.some(({ expression }) =>
        expression.includes(JSON.stringify(account)),
      ),
  );
  return refusing === undefined
    ? [ok(CHECK, `${account} may write their Workflows`)]
    : [
        failed(
          CHECK,
          `ValidatingAdmissionPolicy ${refusing.metadata?.name} refuses what Argo's controller writes as ${account}`,
          `Add the account to argo.accounts of the chart: --set 'argo.accounts={${account}}'`,
        ),
      ];
}

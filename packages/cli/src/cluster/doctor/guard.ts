import { AdmissionregistrationV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Deployments, findArgo } from './deployments.ts';
import { type Finding, failed, lookUp, ok } from './finding.ts';

const CHECK = 'gates with approvers';

/**
 * Checks that the admission policies for Workflows with approvers allow updates by Argo's controller.
 * Empty when there are no such policies, or the caller cannot see them or Argo.
 */
export async function examineGuard(
  { config }: Connection,
  deployments: Deployments,
): Promise<readonly Finding[]> {
  const argo = findArgo(deployments)?.deployment;
  if (argo === undefined) return [];
  const api = config.makeApiClient(AdmissionregistrationV1Api);
  const policies = await lookUp(
    api.listValidatingAdmissionPolicy({ labelSelector: 'app.kubernetes.io/name=agentteam' }),
  );
  if (policies.state !== 'found' || policies.value.items.length === 0) return [];
  const { serviceAccountName = 'default' } = argo.spec?.template.spec ?? {};
  const account = `system:serviceaccount:${argo.metadata?.namespace}:${serviceAccountName}`;
  const refusing = policies.value.items.find(
    ({ spec }) =>
      !spec?.matchConditions?.some(({ expression }) =>
        expression.includes(JSON.stringify(account)),
      ),
  );
  return refusing === undefined
    ? [ok(CHECK, `${account} may update Workflows with approvers`)]
    : [
        failed(
          CHECK,
          `ValidatingAdmissionPolicy ${refusing.metadata?.name} refuses updates by Argo's controller, whose account is ${account}`,
          `Add the account to the chart's argo.accounts: --set 'argo.accounts={${account}}'`,
        ),
      ];
}

/** A coding team file with comments; valid as it is. */
export function codingTeam(name: string): string {
  return `# A team that works on a git repository. Try it at no cost: agentteam run team.yaml --rehearse
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata:
  name: ${name}
spec:
  repository:
    url: "git@github.com:acme/backend.git"
    branch: "main"                       # where every worktree begins
    worktreeStrategy: "per-teammate"     # or: shared
    # credentialsSecret: "git-credentials"

  # The Secret with the key, on a cluster. On this machine: ANTHROPIC_API_KEY.
  auth:
    apiKeySecret: "anthropic-api-key"

  # The lead hands out the tasks and puts the results together.
  lead:
    model: "opus"                        # opus, sonnet, haiku or a full model id
    prompt: |
      Coordinate adding a health endpoint. Give each teammate its task, and check that
      the parts fit together when all have reported.

  # 1 to 16 teammates, each a Claude Code process on a branch of its own.
  teammates:
    - name: "backend"
      model: "sonnet"
      prompt: "Add GET /healthz to the API."
      scope:
        includePaths: ["src/"]           # changes elsewhere are refused
    - name: "tests"
      model: "sonnet"
      prompt: "Write tests for GET /healthz."
      dependsOn: ["backend"]             # starts when these have completed
      scope:
        includePaths: ["test/"]

  lifecycle:
    timeout: "2h"                        # the whole team; waiting for people counts
    budgetLimit: "10.00"                 # US dollars; no request goes out beyond it
    onComplete: "push-branch"            # create-pr, push-branch, notify or none
    maxRestarts: 3                       # of an agent whose process is lost
    # pullRequest:                       # with create-pr
    #   targetBranch: "main"
    #   titleTemplate: "feat: add a health endpoint"

  # qualityGates:                        # checked before anything is delivered
  #   requireTests: true
  #   requireLint: true
`;
}

/**
 * A valid file of a coding team, with comments.
 * @param word the file's name, as a word of a shell command.
 */
export function codingTeam(name: string, word: string): string {
  return `# A team that works on a git repository. To try it at no cost: agentteam run ${word} --rehearse
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata:
  name: "${name}"
spec:
  repository:
    url: "git@github.com:acme/backend.git"
    branch: "main"                       # starting point of every worktree
    worktreeStrategy: "per-teammate"     # or: shared
    # credentialsSecret: "git-credentials"

  # On a cluster: the Secret with the API key. On this machine, set ANTHROPIC_API_KEY instead.
  auth:
    apiKeySecret: "anthropic-api-key"

  # The lead assigns the tasks and combines the results.
  lead:
    model: "opus"                        # opus, sonnet, haiku or a full model id
    prompt: |
      Coordinate adding a health endpoint. Assign each teammate its task. When all have
      reported, check that the parts fit together.
    scope:
      includePaths: ["docs/"]            # what the lead itself may change

  # 1 to 16 teammates. Each is a Claude Code process with its own branch.
  teammates:
    - name: "backend"
      model: "sonnet"
      prompt: "Add GET /healthz to the API."
      scope:
        includePaths: ["src/"]           # changes outside these paths are refused
    - name: "tests"
      model: "sonnet"
      prompt: "Write tests for GET /healthz."
      dependsOn: ["backend"]             # starts after these teammates have completed
      scope:
        includePaths: ["test/"]

  lifecycle:
    timeout: "2h"                        # limit for the team, including the time that gates wait
    budgetLimit: "10.00"                 # US dollars; the gateway refuses requests beyond it
    onComplete: "push-branch"            # create-pr, push-branch, notify or none
    maxRestarts: 3                       # restarts of an agent whose process was lost
    # pullRequest:                       # with create-pr
    #   targetBranch: "main"
    #   titleTemplate: "feat: add a health endpoint"

  # qualityGates:                        # checks that must pass before the delivery
  #   requireTests: true
  #   requireLint: true
`;
}

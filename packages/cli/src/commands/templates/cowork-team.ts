/** A Cowork team file with comments; valid as it is. */
export function coworkTeam(name: string): string {
  return `# A team that writes documents. Try it at no cost: agentteam run team.yaml --rehearse
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata:
  name: ${name}
spec:
  # Where the agents' results go, and what they may read.
  workspace:
    # inputs:                            # read-only; each a ConfigMap or a volume claim
    #   - configMap: "my-data"           # on this machine: --configmap my-data=./data
    #     mountPath: "/workspace/data"
    output:
      mountPath: "/workspace/output"
      size: "5Gi"

  # The Secret with the key, on a cluster. On this machine: ANTHROPIC_API_KEY.
  auth:
    apiKeySecret: "anthropic-api-key"

  # The lead hands out the tasks and puts the results together.
  lead:
    model: "opus"                        # opus, sonnet, haiku or a full model id
    prompt: |
      Coordinate a short report on remote work. Give the researcher and the writer
      their tasks, read what they report, and check the result.

  # 1 to 16 teammates, each a Claude Code process of its own.
  teammates:
    - name: "researcher"
      model: "sonnet"
      prompt: "Collect the arguments and write them to /workspace/output/findings.md."
    - name: "writer"
      model: "sonnet"
      prompt: "Write /workspace/output/report.md from the findings, one page."
      dependsOn: ["researcher"]          # starts when these have completed
      # skills:
      #   - name: "house-style"
      #     source: { configMap: "house-style-skill" }
      # mcpServers:
      #   - name: "mail"
      #     url: "https://mail.example.com/mcp"

  lifecycle:
    timeout: "1h"                        # the whole team; waiting for people counts
    budgetLimit: "5.00"                  # US dollars; no request goes out beyond it
    maxRestarts: 3                       # of an agent whose process is lost
    # approvalGates:                     # a person says yes before this teammate starts
    #   - event: "spawn-writer"
    #     channel: "none"
`;
}

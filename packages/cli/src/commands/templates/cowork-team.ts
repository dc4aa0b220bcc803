/**
 * A valid file of a Cowork team, with comments.
 * @param word the file's name, as a word of a shell command.
 */
export function coworkTeam(name: string, word: string): string {
  return `# A team that writes documents. To try it at no cost: agentteam run ${word} --rehearse
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata:
  name: "${name}"
spec:
  # The directories that the agents read and write.
  workspace:
    # inputs:                            # read-only; each a ConfigMap or a volume claim
    #   - configMap: "my-data"           # on this machine: --configmap my-data=./data
    #     mountPath: "/workspace/data"
    output:
      mountPath: "/workspace/output"
      size: "5Gi"

  # On a cluster: the Secret with the API key. On this machine, set ANTHROPIC_API_KEY instead.
  auth:
    apiKeySecret: "anthropic-api-key"

  # The lead assigns the tasks and combines the results.
  lead:
    model: "opus"                        # opus, sonnet, haiku or a full model id
    prompt: |
      Coordinate a short report on remote work. Assign the researcher and the writer
      their tasks, read their reports, and check the result.

  # 1 to 16 teammates. Each is a Claude Code process.
  teammates:
    - name: "researcher"
      model: "sonnet"
      prompt: "Collect the arguments and write them to /workspace/output/findings.md."
    - name: "writer"
      model: "sonnet"
      prompt: "Write /workspace/output/report.md from the findings, one page."
      dependsOn: ["researcher"]          # starts after these teammates have completed
      # skills:
      #   - name: "house-style"
      #     source: { configMap: "house-style-skill" }
      # mcpServers:
      #   - name: "mail"
      #     url: "https://mail.example.com/mcp"

  lifecycle:
    timeout: "1h"                        # limit for the team, including the time that gates wait
    budgetLimit: "5.00"                  # US dollars; the gateway refuses requests beyond it
    maxRestarts: 3                       # restarts of an agent whose process was lost
    # approvalGates:                     # a person must approve before this teammate starts
    #   - event: "spawn-writer"
    #     channel: "none"
`;
}

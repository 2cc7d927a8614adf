// What each client calls its tools, and how it wants to be asked.
// The first row of a table whose name the client offers is taken; a client without such a tool gets plain text instead.

const WHY = 'asked for by the test'

const SHELL = [
  ['Bash', (command) => ({ command, description: WHY })],
  ['bash', (command) => ({ command, description: WHY })],
  ['exec_command', (command) => ({ cmd: command })],
  ['shell_command', (command) => ({ command })],
  ['shell', (command) => ({ command: ['sh', '-c', command] })],
  ['run_shell_command', (command) => ({ command, description: WHY })],
]

const READ = [
  ['Read', (path) => ({ file_path: path })],
  ['read', (path) => ({ filePath: path })],
  ['read_file', (path) => ({ file_path: path })],
  ...SHELL.map(([name, input]) => [name, (path) => input(`cat ${path}`)]),
]

const AGENT = [
  ['Agent', (prompt, how) => ({ ...claudeAgent(prompt, how), run_in_background: how.background === 'yes' })],
  ['Task', claudeAgent],
  ['task', (prompt) => ({ description: WHY, prompt, subagent_type: 'general' })],
]

function claudeAgent(prompt, { model }) {
  return { description: WHY, prompt, subagent_type: 'general-purpose', ...(model ? { model } : {}) }
}

const TABLES = { shell: SHELL, read: READ, agent: AGENT }

/** The call that does `what` ("shell", "read", "agent") with `value`, or null. `how` holds a sub-agent's options. */
export function callFor(what, value, offered, how = {}) {
  for (const [name, input] of TABLES[what]) {
    if (offered.includes(name)) return { name, input: input(value, how) }
  }
  return null
}

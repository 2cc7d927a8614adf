# shellcheck shell=bash
# The scenes that `make screenshots` draws; screenshots says what they are made of.

scene_welcome() {
  open 100 30
  await 'the one on board'
  picture welcome
}

scene_run() {
  open 100 30
  await 'the one on board'
  keys ':AgentRun demo Review lua/upload.lua' Enter
  await 'say which id it was'
  picture run
}

scene_report() {
  open 108 34
  await 'the one on board'
  keys ':CostReport' Enter
  await 'Per day'
  picture report
  keys '?'
  picture report-help
}

scene_narrow() {
  open 60 30
  await 'the one on board'
  keys ':CostReport' Enter
  await 'this month'
  picture report-narrow
}

scene_budget() {
  open 100 30
  await 'the one on board'
  keys ':Purser budget' Enter
  await 'change  + raise'
  picture budget
}

scene_agents() {
  open 100 30
  await 'the one on board'
  keys ':Purser agents' Enter
  await 'sketch'
  picture agents
}

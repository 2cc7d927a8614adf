--- The demo agent: a program of its own (`nvim -l`) that answers without a network, in the words of a real client.
---
--- It reads the prompt from stdin and prints a conversation as stream-json: thinking, tool calls, text, usage. How fast, says
--- $PURSER_DEMO_SPEED (characters a second; 0: all at once).

local here = debug.getinfo(1, 'S').source:sub(2):match('^(.*)/[^/]*$')
local answers = dofile(here .. '/answers.lua') ---@type purser.DemoAnswer[]

local prompt = io.read('*a') or ''
local model = vim.env.PURSER_MODEL or 'claude-opus-5-5'
local effort = vim.env.PURSER_EFFORT or 'medium'
local speed = tonumber(vim.env.PURSER_DEMO_SPEED or '') or 220

local seconds, micro = vim.uv.gettimeofday()
math.randomseed(seconds + micro + vim.uv.os_getpid())

---@param digits integer
---@return string
local function hex(digits)
  local out = {}
  for i = 1, digits do
    out[i] = ('%x'):format(math.random(0, 15))
  end
  return table.concat(out)
end

local session = vim.env.PURSER_SESSION
if not session or session == '' then
  session = ('%s-%s-4%s-8%s-%s'):format(hex(8), hex(4), hex(3), hex(3), hex(12))
end

---@param value table
local function say(value)
  value.session_id = session
  io.stdout:write(vim.json.encode(value), '\n')
  io.stdout:flush()
end

---@param ms number
local function pause(ms)
  if speed > 0 then
    vim.wait(math.floor(ms), function()
      return false
    end, math.floor(ms))
  end
end

--- Interrupted, a real client says so and ends in peace.
local interrupt = assert(vim.uv.new_signal())
interrupt:start('sigint', function()
  say({ type = 'result', subtype = 'error_during_execution', is_error = true, terminal_reason = 'aborted_streaming' })
  os.exit(0)
end)

local message = { id = '', usage = {} } -- the one that is being said

---@param event table
local function stream(event)
  say({ type = 'stream_event', event = event })
end

--- The finished block, as the client repeats it after its pieces.
---@param block table
local function repeat_block(block)
  say({
    type = 'assistant',
    message = {
      id = message.id,
      type = 'message',
      role = 'assistant',
      model = model,
      content = { block },
      usage = message.usage,
    },
  })
end

--- A text in pieces, as a model says it: a few words at a time.
---@param index integer
---@param kind "thinking"|"text"
---@param text string
local function speak(index, kind, text)
  stream({ type = 'content_block_start', index = index, content_block = { type = kind, [kind] = '' } })
  for piece in text:gmatch('[^%s]*%s*[^%s]*%s*') do
    if piece ~= '' then
      stream({
        type = 'content_block_delta',
        index = index,
        delta = { type = kind .. '_delta', [kind] = piece },
      })
      pause(#piece * 1000 / math.max(1, speed))
    end
  end
  stream({ type = 'content_block_stop', index = index })
  repeat_block({ type = kind, [kind] = text })
end

---@param tool purser.DemoTool
---@return string
local function output_of(tool)
  if tool.output then
    return tool.output
  end
  local file = io.open(tool.input.file_path)
  if not file then
    return 'File does not exist.'
  end
  local text = file:read('*a')
  file:close()
  return text
end

---@return purser.DemoAnswer
local function choose()
  for word in prompt:lower():gmatch('%a+') do
    for _, answer in ipairs(answers) do
      for _, known in ipairs(answer.words) do
        if word == known then
          return answer
        end
      end
    end
  end
  return answers[#answers]
end

--- More effort thinks longer, and costs more.
local THOUGHT = { low = 0.4, medium = 1, high = 2.2 }

local total = { input_tokens = 0, output_tokens = 0, cache_read_input_tokens = 0, cache_creation_input_tokens = 0 }

---@param input integer
---@param read integer
---@param written integer
---@param output integer
---@return table
local function usage(input, read, written, output)
  total.input_tokens = total.input_tokens + input
  total.cache_read_input_tokens = total.cache_read_input_tokens + read
  total.cache_creation_input_tokens = total.cache_creation_input_tokens + written
  total.output_tokens = total.output_tokens + output
  return {
    input_tokens = input,
    cache_read_input_tokens = read,
    cache_creation_input_tokens = written,
    cache_creation = { ephemeral_5m_input_tokens = written, ephemeral_1h_input_tokens = 0 },
    output_tokens = output,
    service_tier = 'standard',
  }
end

---@param id string
---@param figures table
local function begin(id, figures)
  message = { id = id, usage = vim.tbl_extend('force', figures, { output_tokens = 1 }) }
  stream({
    type = 'message_start',
    message = { id = id, type = 'message', role = 'assistant', model = model, content = {}, usage = message.usage },
  })
end

---@param figures table
---@param reason string
local function finish(figures, reason)
  stream({ type = 'message_delta', delta = { stop_reason = reason }, usage = figures })
  stream({ type = 'message_stop' })
end

local function main()
  local answer = choose()
  say({ type = 'system', subtype = 'init', model = model, cwd = vim.uv.cwd(), claude_code_version = 'demo' })
  pause(300)

  local words = math.ceil(#prompt / 4)
  local thought = math.floor(#answer.thinking / 4 * (THOUGHT[effort] or 1) * 4)
  local read_before = 0
  if #answer.tools > 0 then
    local id = 'msg_demo_' .. hex(20)
    local figures = usage(900 + words, 0, 4200, 120 + thought)
    begin(id, figures)
    speak(0, 'thinking', answer.thinking)
    local index = 1
    if answer.first ~= '' then
      speak(index, 'text', answer.first)
      index = index + 1
    end
    local calls = {}
    for i, tool in ipairs(answer.tools) do
      calls[i] = 'toolu_demo_' .. hex(16)
      local block = { type = 'tool_use', id = calls[i], name = tool.name, input = vim.empty_dict() }
      stream({ type = 'content_block_start', index = index, content_block = block })
      stream({
        type = 'content_block_delta',
        index = index,
        delta = { type = 'input_json_delta', partial_json = vim.json.encode(tool.input) },
      })
      stream({ type = 'content_block_stop', index = index })
      repeat_block({ type = 'tool_use', id = calls[i], name = tool.name, input = tool.input })
      index = index + 1
    end
    finish(figures, 'tool_use')
    for i, tool in ipairs(answer.tools) do
      pause(500)
      say({
        type = 'user',
        message = {
          role = 'user',
          content = {
            {
              type = 'tool_result',
              tool_use_id = calls[i],
              content = output_of(tool),
              is_error = tool.failed or false,
            },
          },
        },
      })
    end
    read_before = 4200 + 900 + words
  end

  pause(300)
  local figures = usage(60, read_before, 1400, math.floor(#answer.text / 3))
  begin('msg_demo_' .. hex(20), figures)
  speak(0, 'text', answer.text)
  finish(figures, 'end_turn')
  say({
    type = 'result',
    subtype = 'success',
    is_error = false,
    terminal_reason = 'completed',
    num_turns = #answer.tools > 0 and 2 or 1,
    result = answer.text,
    usage = total,
  })
end

main()

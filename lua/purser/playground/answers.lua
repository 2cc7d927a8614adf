--- What the demo agent says: by the first word of the prompt that it knows. Each answer thinks, uses a tool or two, and ends in text.

---@class (exact) purser.DemoTool
---@field name string
---@field input table
---@field output? string default: the file that is read
---@field failed? boolean

---@class (exact) purser.DemoAnswer
---@field words string[] of the prompt, in small letters
---@field thinking string
---@field first string what it says before it uses the tools
---@field tools purser.DemoTool[]
---@field text string

---@type purser.DemoAnswer[]
return {
  {
    words = { 'review', 'wrong', 'bug', 'break', 'mistake', 'fix' },
    thinking = [[
Pieces are kept under offset / PIECE. The first piece has offset 0, so it goes to index 0.
table.concat starts at index 1. So the first piece is lost. The test expects an empty string,
which hides it: it was probably made to pass.]],
    first = "I'll read the module and its test.",
    tools = {
      { name = 'Read', input = { file_path = 'lua/upload.lua' } },
      { name = 'Read', input = { file_path = 'tests/upload_spec.lua' } },
    },
    text = [[
There is one mistake that loses data, and a test that hides it.

**The first piece vanishes.** Pieces are stored under `offset / PIECE`, so the first one is at index 0,
but `table.concat` begins at 1:

```lua
upload.pieces[offset / PIECE + 1] = data
```

**The test expects the mistake.** `assert.equals('', …)` should be

```lua
assert.equals('the tide ', upload.finish('a'))
```

Two smaller things:

- a piece that is sent twice is counted twice in `upload.size`
- `M.finish` of an unknown id fails with an index error; say which id it was]],
  },
  {
    words = { 'test', 'spec' },
    thinking = [[
A good test sends several pieces out of order and expects the whole. I should run it to see it fail
before the mistake is mended.]],
    first = 'A test first, so that we see it fail.',
    tools = {
      { name = 'Read', input = { file_path = 'tests/upload_spec.lua' } },
      {
        name = 'Bash',
        input = { command = 'busted tests/upload_spec.lua', description = 'Run the test' },
        output = "tests/upload_spec.lua:11: Expected objects to be equal.\nPassed in:\n(string) 'tide turns'\n"
          .. "Expected:\n(string) 'the tide turns'",
        failed = true,
      },
    },
    text = [[
This test fails today, as it should:

```lua
it('puts pieces together in the order of their offsets', function()
  local piece = 64 * 1024
  upload.receive('a', piece, 'tide turns')
  upload.receive('a', 0, 'the ')
  assert.equals('the tide turns', upload.finish('a'))
end)
```

The piece at offset 0 goes missing: `table.concat` starts at index 1. With `offset / PIECE + 1` it passes.]],
  },
  {
    words = { 'explain', 'what', 'how', 'why' },
    thinking = [[
The question is about how uploads are put together. A short walk through receive and finish will do.]],
    first = 'Let me look at how the pieces are kept.',
    tools = { { name = 'Read', input = { file_path = 'lua/upload.lua' } } },
    text = [[
An upload comes in pieces of 64 KiB, in any order.

1. `receive(id, offset, data)` remembers a piece under the number that follows from its offset,
   and returns how much has arrived.
2. `finish(id)` joins the pieces and forgets the upload.

What it does **not** do: notice a piece that is missing. `table.concat` stops at the first gap,
so an incomplete upload is returned as if it were whole. Compare `#result` with `upload.size`
before you trust it.]],
  },
  {
    words = { 'name', 'rename', 'call' },
    thinking = 'A name should say what the table holds: uploads that have not been finished.',
    first = '',
    tools = {
      { name = 'Grep', input = { pattern = 'open', path = 'lua' }, output = 'lua/upload.lua:6:local open = {}' },
    },
    text = [[
`open` reads like a verb, and shadows `io.open` in the reader's mind. Better:

- `unfinished`: says what the uploads in it have in common
- `arriving`: says the same from the other end

I would take `unfinished`.]],
  },
  {
    words = {},
    thinking = 'A general question. I will look at the project and say what could be done next.',
    first = "I'll have a look around first.",
    tools = { { name = 'Read', input = { file_path = 'README.md' } } },
    text = [[
This is **harbour**, a small module that puts uploads together from pieces.

Ask me to

- *review* it: there is a mistake in it worth finding
- *explain* how it works
- write a *test*
- find a better *name* for something

Everything I say comes from a script that is part of purser.nvim. What it costs is made up too,
but it goes through the same gate, the same ledger and the same windows as the real thing.]],
  },
}

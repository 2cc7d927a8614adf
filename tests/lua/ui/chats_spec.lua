-- The windows about conversations: the list, the plan of a compaction, the reply that is told what it costs.

local scene = require('ui.scene')

local WITH_CHATS = [[CORE = FAKE.install(require('ui.fake_chats'))]]

local function with_chats(fn)
  scene.at_each_size(function(child)
    child:lua(WITH_CHATS)
    fn(child)
  end)
end

describe('the list of conversations', function()
  it('says what each has cost, and what compacting has saved', function()
    with_chats(function(child)
      scene.open(child, 'chats')
      scene.picture(child, 'chats', 'as measured since')
    end)
  end)

  it('asks the core for what is searched, and renames, forks and compacts by keys', function()
    scene.with(120, 30, function(child)
      child:lua(WITH_CHATS)
      child:lua([[vim.ui.input = function(_, cb) cb('Uploads') end]])
      scene.open(child, 'chats')
      child:expect('as measured since')
      child:lua([[vim.fn.search('Why')]])
      child:redraw()
      local function asked(verb)
        return child:await(([[
          for _, one in ipairs(FAKE.asked) do
            if one.verb == %q then return one.args end
          end]]):format(verb))
      end
      child:type('cw')
      assert.equal('Uploads', asked('chat.rename').title)
      child:type('f')
      assert.equal('c1', asked('chat.fork').conversation)
      child:type('c')
      child:expect('tokens become')
    end)
  end)
end)

describe('the plan of a compaction', function()
  it('says what goes, what stays, what it costs and when that is paid back', function()
    with_chats(function(child)
      child:lua([[require('purser.ui.compact').open('c1')]])
      scene.picture(child, 'compact', 'int64_t now')
    end)
  end)

  it('keeps what the user wants kept, and closes without doing anything', function()
    scene.with(120, 30, function(child)
      child:lua(WITH_CHATS)
      child:lua([[require('purser.ui.compact').open('c1')]])
      child:expect('int64_t now')
      child:type('/I will look<CR>')
      child:type(' ')
      local keep = child:await([[
        for i = #FAKE.asked, 1, -1 do
          local one = FAKE.asked[i]
          if one.verb == 'compaction.plan' and one.args.keep and #one.args.keep > 0 then return one.args.keep end
        end]])
      assert.same({ 2 }, keep)
      child:type('q')
      child:expect_gone('tokens become')
    end)
  end)
end)

describe('a reply', function()
  it('is told what sending into a cold cache costs, and what compacting first would', function()
    with_chats(function(child)
      child:lua([[require('purser.ui.reply').open(require('ui.fake_chats')['chat.list']({}).chats[1])]])
      scene.picture(child, 'reply-cold', 'gone cold')
    end)
  end)
end)

describe(':AgentRun in the window of a run', function()
  it('goes on with its conversation, and asks before it is sent into a cold cache', function()
    scene.with(120, 30, function(child)
      child:lua(WITH_CHATS)
      child:lua([[
        vim.ui.select = function(items, options, cb) ASKED = options.prompt cb(nil, nil) end
        RUN = START() RUN.conversation = 'c1' FILL(RUN) DONE(RUN) RUN:set_status('completed') RUN:flush()
        require('purser.ui.run_window').open(RUN)
        vim.cmd.runtime('plugin/purser.lua')
        vim.cmd('AgentRun and why not a wider one?')
      ]])
      assert.truthy(child:await([[return ASKED]]):find('gone cold', 1, true))
      assert.equal('c1', child:lua([[return FAKE.asked[#FAKE.asked].args.conversation]]))
    end)
  end)
end)

/* provider.c - see provider.h. */
#include "pricing/provider.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct provider providers[] = {
    {"anthropic", PROVIDER_MAKER, "Anthropic"},
    {"openai", PROVIDER_MAKER, "OpenAI"},
    {"google", PROVIDER_MAKER, "Google"},
    {"deepseek", PROVIDER_MAKER, "DeepSeek"},
    {"xai", PROVIDER_MAKER, "xAI"},
    {"mistral", PROVIDER_MAKER, "Mistral"},
    {"alibaba", PROVIDER_MAKER, "Alibaba (Qwen)"},
    {"moonshot", PROVIDER_MAKER, "Moonshot"},
    {"zai", PROVIDER_MAKER, "Z.ai"},
    /* The same maker's platform for China, whose prices in yuan are its own. */
    {"zhipu", PROVIDER_MAKER, "Zhipu"},
    {"vertex", PROVIDER_RESELLER, "Google Vertex AI"},
    {"bedrock", PROVIDER_RESELLER, "Amazon Bedrock"},
    {"azure", PROVIDER_RESELLER, "Microsoft Azure"},
    {"openrouter", PROVIDER_RESELLER, "OpenRouter"},
    {"local", PROVIDER_LOCAL, "local runner"},
};

/* Every other name, for the same thing. Sorted by provider, not by name: the list is short. */
static const struct {
  const char *name;
  const char *id;
} other_names[] = {
    {"claude", "anthropic"},
    {"claude-code", "anthropic"},
    {"codex", "openai"},
    {"chatgpt", "openai"},
    {"text-completion-openai", "openai"},
    {"gemini", "google"},
    {"gemini_api", "google"},
    {"gemini-cli", "google"},
    {"google-ai", "google"},
    {"google-gla", "google"},
    {"googleai", "google"},
    {"google_genai", "google"},
    {"deepseek-ai", "deepseek"},
    {"x-ai", "xai"},
    {"x.ai", "xai"},
    {"mistralai", "mistral"},
    {"codestral", "mistral"},
    {"qwen", "alibaba"},
    {"dashscope", "alibaba"},
    {"moonshotai", "moonshot"},
    {"kimi", "moonshot"},
    {"z-ai", "zai"},
    {"z.ai", "zai"},
    {"zai-org", "zai"},
    {"zhipuai", "zhipu"},
    {"thudm", "zhipu"},
    {"bigmodel", "zhipu"},
    {"vertex_ai", "vertex"},
    {"vertexai", "vertex"},
    {"vertex_ai_beta", "vertex"},
    {"google-vertex", "vertex"},
    {"google_vertex", "vertex"},
    {"google-vertex-anthropic", "vertex"},
    {"aws", "bedrock"},
    {"amazon-bedrock", "bedrock"},
    {"amazon_bedrock", "bedrock"},
    {"aws-bedrock", "bedrock"},
    {"bedrock_converse", "bedrock"},
    {"bedrock_mantle", "bedrock"},
    {"azure_ai", "azure"},
    {"azure_text", "azure"},
    {"azure-openai", "azure"},
    {"azure_openai", "azure"},
    {"azure-cognitive-services", "azure"},
    {"microsoft-foundry", "azure"},
    {"ollama", "local"},
    {"ollama_chat", "local"},
    {"lmstudio", "local"},
    {"lm-studio", "local"},
    {"lm_studio", "local"},
    {"llamacpp", "local"},
    {"llama.cpp", "local"},
    {"llama-cpp", "local"},
    {"llama-server", "local"},
    {"llamafile", "local"},
    {"vllm", "local"},
    {"hosted_vllm", "local"},
    {"localai", "local"},
    {"mlx", "local"},
    {"koboldcpp", "local"},
    {"gpt4all", "local"},
    {"jan", "local"},
};

static bool is(const char *name, size_t len, const char *text) {
  /* The first letter settles most: this is asked several times for every request priced. */
  return len != 0 && name[0] == text[0] && strncmp(name, text, len) == 0 && text[len] == '\0';
}

const struct provider *provider_find(const char *name, size_t len) {
  for (size_t i = 0; i < COUNT(other_names); i++) {
    if (is(name, len, other_names[i].name)) {
      name = other_names[i].id;
      len = strlen(name);
      break;
    }
  }
  for (size_t i = 0; i < COUNT(providers); i++) {
    if (is(name, len, providers[i].id))
      return &providers[i];
  }
  return NULL;
}

int provider_rank(const char *id) {
  for (size_t i = 0; i < COUNT(providers); i++) {
    if (strcmp(providers[i].id, id) == 0)
      return (int)i;
  }
  return (int)COUNT(providers);
}

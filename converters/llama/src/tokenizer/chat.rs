use serde::{Deserialize, Serialize};

/// What begins a turn.
const BEGIN: &str = "<|im_start|>";
/// What ends one.
const END: &str = "<|im_end|>";

/// Who says something in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Who sets the talk up.
    System,
    /// Who asks.
    User,
    /// The model.
    Assistant,
}

impl Speaker {
    /// Its name in a prompt.
    pub fn name(self) -> &'static str {
        match self {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        }
    }
}

/// How turns of a talk are written: `<|im_start|>` speaker, new line, text, `<|im_end|>`, new line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatTemplate {
    /// What the system says where a talk does not begin with it.
    #[serde(default)]
    pub system: Option<String>,
}

impl ChatTemplate {
    /// The template that a Jinja text is, if it is of this form and no other: its one expression for a turn is recognised as
    /// text, nothing of it is run.
    pub fn from_jinja(text: &str) -> Option<ChatTemplate> {
        let text = text.replace("\\n", "\n");
        let dense: String = text.chars().filter(|character| *character != ' ').collect();
        let turn = format!("'{BEGIN}'+message['role']+'\n'+message['content']+'{END}'+'\n'");
        let answer = format!("'{BEGIN}assistant\n'");
        if !dense.contains(&turn) || !dense.contains(&answer) {
            return None;
        }
        let system = text.split_once(&format!("{BEGIN}system\n"));
        let system = system
            .and_then(|(_, rest)| rest.split_once(END))
            .map(|(system, _)| system.to_string());
        Some(ChatTemplate {
            system: system.filter(|system| !system.contains(['\'', '{', '}'])),
        })
    }

    /// The prompt for the assistant's next turn. It is encoded with its special tokens read.
    pub fn prompt(&self, turns: &[(Speaker, &str)]) -> String {
        let mut prompt = String::new();
        let mut say = |speaker: Speaker, text: &str| {
            prompt.push_str(&format!("{BEGIN}{}\n{text}{END}\n", speaker.name()));
        };
        let begins = turns.first().is_some_and(|(speaker, _)| *speaker == Speaker::System);
        if let Some(system) = self.system.as_deref().filter(|_| !begins) {
            say(Speaker::System, system);
        }
        for (speaker, text) in turns {
            say(*speaker, text);
        }
        prompt.push_str(&format!("{BEGIN}{}\n", Speaker::Assistant.name()));
        prompt
    }
}

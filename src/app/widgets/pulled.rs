//! Controls that are dragged along a line: arrow keys move them, and Space, which they do not use, still plays and pauses.

use egui::{Context, EventFilter, Id, Key, Memory, Response, Ui, accesskit};

/// The number of steps requested by the keyboard or by assistive technology: one for an arrow key, ten with Shift; negative to the left.
pub fn steps_asked(ui: &Ui, response: &Response) -> i64 {
    let id = response.id;
    let mut steps = 0;
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.input(|input| {
            let presses = input.num_presses(Key::ArrowRight) as i64 - input.num_presses(Key::ArrowLeft) as i64;
            steps += presses * if input.modifiers.shift { 10 } else { 1 };
        });
    }
    ui.input(|input| {
        steps += input.num_accesskit_action_requests(id, accesskit::Action::Increment) as i64;
        steps -= input.num_accesskit_action_requests(id, accesskit::Action::Decrement) as i64;
    });
    steps
}

/// The focused control that does not use Space.
#[derive(Clone, Copy)]
struct LeavesSpace(Id);

/// Leaves Space to the player while this control has the focus, so that a change can be heard at once.
pub fn leave_space(response: &Response) {
    if response.has_focus() {
        response.ctx.data_mut(|data| data.insert_temp(Id::NULL, LeavesSpace(response.id)));
    }
}

/// Whether Space is free for the player: nothing has the focus, or a control that does not use Space.
pub fn space_is_free(ctx: &Context) -> bool {
    let Some(focused) = ctx.memory(Memory::focused) else { return true };
    ctx.data(|data| data.get_temp(Id::NULL)).is_some_and(|LeavesSpace(id)| id == focused)
}

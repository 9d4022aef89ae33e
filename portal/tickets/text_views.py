"""The desk's text modules: add, change, remove. Everybody at the desk may; who did is on record."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.tickets.desk_views import VERSION, views
from portal.tickets.reply_texts import NameTaken, ReplyText, unknown_places
from portal.tickets.reply_words import PLACE_WORDS
from portal.tickets.ticket import AlreadyDecided
from portal.views import me, parts
from portal.views.guards import for_staff
from portal.web.forms import no_control_characters
from portal.web.languages import OWN_NAMES


class TextForm(FlaskForm):
    """A field for each language follows; see `text_form`."""

    version = HiddenField()
    title = StringField(
        _l("Name"),
        [
            InputRequired(_l("Give it a name.")),
            Length(max=60, message=_l("That is longer than 60 characters.")),
            no_control_characters,
        ],
        description=_l("By which you find it, such as: come by with your card."),
        render_kw={"autocomplete": "off"},
    )

    def texts(self) -> dict[str, str]:
        """What is written, by language."""
        fields = {tag: (self[f"text_{tag}"].data or "").strip() for tag in parts().settings.languages}
        return {tag: text for tag, text in fields.items() if text}

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for tag, text in self.texts().items():
            if unknown := unknown_places(text):
                self[f"text_{tag}"].errors = [_("Nothing is known for %(places)s.", places=", ".join(unknown))]
                fine = False
        if not self.texts():
            self[f"text_{parts().settings.languages[0]}"].errors = [_("Write it in one language at least.")]
            fine = False
        return fine


def text_form(text: ReplyText | None = None) -> TextForm:
    """With a field for each language of this installation."""

    class Form(TextForm):
        pass

    for tag in parts().settings.languages:
        long = Length(max=4000, message=_l("That is longer than 4000 characters."))
        field = TextAreaField(OWN_NAMES[tag], [long], render_kw={"rows": 5, "lang": tag})
        setattr(Form, f"text_{tag}", field)
    written = {f"text_{tag}": words for tag, words in text.texts.items()} if text else {}
    return Form(title=text.name if text else None, version=str(text.version) if text else "", **written)


@views.get("/texts")
@for_staff
def texts() -> ResponseReturnValue:
    with parts().database.read() as db:
        found = parts().service_desk.reply_texts.all(db)
    language = me().language or ""
    shown = [(text.name, text.in_language(language), url_for(".change_text", text_id=text.id)) for text in found]
    return render_template("tickets/texts.html", texts=shown, add_url=url_for(".add_text"))


@views.route("/texts/new", methods=["GET", "POST"])
@for_staff
def add_text() -> ResponseReturnValue:
    form = text_form()
    if form.validate_on_submit():
        try:
            parts().service_desk.reply_texts.add(me(), form.title.data, form.texts())
            return redirect(url_for(".texts"))
        except NameTaken:
            form.title.errors = [_("Another text has this name.")]
    return _page(form, None)


@views.route("/texts/<text_id>", methods=["GET", "POST"])
@for_staff
def change_text(text_id: str) -> ResponseReturnValue:
    text = _text(text_id)
    form = text_form(text)
    if request.form.get("remove"):
        parts().service_desk.reply_texts.remove(me(), text)
        return redirect(url_for(".texts"))
    if form.validate_on_submit() and VERSION.fullmatch(form.version.data or ""):
        before = ReplyText(id=text.id, name=text.name, texts=text.texts, version=int(form.version.data))
        try:
            parts().service_desk.reply_texts.change(me(), before, form.title.data, form.texts())
            return redirect(url_for(".texts"))
        except NameTaken:
            form.title.errors = [_("Another text has this name.")]
        except AlreadyDecided:
            form.form_errors = [_("Somebody else has changed it meanwhile. Open it again to see how it is now.")]
    return _page(form, text)


def _text(text_id: str) -> ReplyText:
    with parts().database.read() as db:
        return parts().service_desk.reply_texts.get(db, text_id) or abort(404)


def _page(form: TextForm, text: ReplyText | None) -> ResponseReturnValue:
    return render_template(
        "tickets/text.html",
        form=form,
        known=text is not None,
        places=[(f"{{{name}}}", words) for name, words in PLACE_WORDS.items()],
        back_url=url_for(".texts"),
    ), 422 if form.errors else 200

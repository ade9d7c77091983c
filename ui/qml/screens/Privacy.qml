import QtQuick
import "../controls"
import "../theme"

// The collection statement of the service, before the first personal question.
Page {
    id: page

    readonly property var body: Bridge.state.body

    title: Bridge.state.title === "" ? Words.text("privacy.title") : Bridge.state.title

    Statement {
        needsSignOff: page.body.needs_sign_off === true
        paragraphs: page.body.paragraphs ?? []
        signOff: Words.text("privacy.sign_off")
        width: parent.width
    }
    Label {
        color: Theme.muted
        size: Theme.smallText
        text: Words.fill("privacy.version", page.body)
        width: parent.width
    }
}

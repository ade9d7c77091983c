import QtQuick
import "../controls"
import "../theme"

// The declaration of truth, then the submission.
Page {
    id: page

    readonly property var body: Bridge.state.body

    hasNext: true
    nextIcon: "check"
    nextText: page.body.submit || Words.text("button.submit")
    nextTouch: "submit"
    title: Bridge.state.title === "" ? Words.text("declare.title") : Bridge.state.title

    ProblemLine {
        objectName: "problem:declare"
        text: page.body.problem ? Words.message("problem", page.body.problem) : ""
        visible: !!page.body.problem
        width: parent.width
    }
    Statement {
        needsSignOff: page.body.needs_sign_off === true
        paragraphs: page.body.paragraphs ?? []
        signOff: Words.text("declare.sign_off")
        width: parent.width
    }
}

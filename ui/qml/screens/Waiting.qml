import QtQuick
import "../controls"
import "../theme"

// The centre is being asked; when it gives no answer, to try again or to go back.
Page {
    id: page

    readonly property var problem: Bridge.state.body.problem ?? null

    hasNext: problem !== null && Bridge.state.can_next
    help: problem === null ? Words.text("waiting.help") : ""
    nextIcon: "refresh-cw"
    nextText: Words.text("button.try_again")
    title: problem === null ? Words.text("waiting.title") : Words.text("waiting.failed")

    Dots {
        visible: page.problem === null
        width: parent.width
    }
    ProblemLine {
        objectName: "problem:waiting"
        text: page.problem === null ? "" : Words.message("problem", page.problem)
        visible: page.problem !== null
        width: parent.width
    }
}

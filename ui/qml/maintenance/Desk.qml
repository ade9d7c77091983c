import QtQuick
import "../controls"
import "../theme"

// A page of maintenance: says whose it is, and that it waits for an answer.
Page {
    id: desk

    property bool bare: false  // it takes the whole window, the bar's place too
    property alias parts: whole.data  // what lies over all of the page

    hasBack: Bridge.state.can_back
    hasNext: false
    hasSkip: false
    help: ""
    place: Bridge.state.technician === "" ? Words.text("maintenance.place") : Words.fill("maintenance.place_who", {
        "technician": Bridge.state.technician
    })

    Item {
        id: whole

        parent: desk
        anchors.fill: parent
    }
}
